from allmenning.basics.errors import AllmenningError


class UnknownService(AllmenningError):
    """There is no service {service} in the catalogue."""


class UnknownTopic(AllmenningError):
    """There is no topic {topic}."""


class VersionExists(AllmenningError):
    """Version {version} of {service} is published with other content. Give the change a new version number."""


class OlderVersion(AllmenningError):
    """{service} has the newer version {newest}. Give the change a higher version number."""


class AlteredVersion(AllmenningError):
    """The stored content of {service} {version} is not what was published."""


class NotPublishable(AllmenningError):
    """The service has problems that must be put right before it can be published: {problems}"""
