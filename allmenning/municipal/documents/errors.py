"""Why a file is not taken. Each says what the person can do instead."""

from allmenning.basics.errors import AllmenningError


class UnacceptableFile(AllmenningError):
    """The file can't be received."""


class EmptyFile(UnacceptableFile):
    """The file is empty. Choose the file again."""


class FileTooLarge(UnacceptableFile):
    """The file is larger than {limit} MB. Make it smaller, or split it."""


class TooManyFiles(UnacceptableFile):
    """You can attach at most {limit} files."""


class TooMuchTogether(UnacceptableFile):
    """The files are larger than {limit} MB together. Take some away, or make them smaller."""


class TypeNotAccepted(UnacceptableFile):
    """Files of this type can't be received. Use PDF, JPEG, PNG, or a document from Word, Excel, PowerPoint or LibreOffice."""


class WebContentNotAccepted(TypeNotAccepted):
    """Web pages and SVG drawings can't be received, since they may hold programs. Save as PDF instead."""


class ProgramNotAccepted(TypeNotAccepted):
    """Programs can't be received."""


class HeicNotAccepted(TypeNotAccepted):
    """Photos in Apple's HEIC format can't be received. Save the photo as JPEG, or send it as PDF."""


class OldOfficeNotAccepted(TypeNotAccepted):
    """Files from old versions of Office can't be received. Save as .docx, .xlsx or .pptx, or as PDF."""


class ContentIsNotItsType(UnacceptableFile):
    """The file's name says {claimed}, but its content is {found}. Choose the right file, or correct the name."""


class DamagedFile(UnacceptableFile):
    """The file is damaged or incomplete. Open it, save it again, and choose it again."""


class MixedContent(UnacceptableFile):
    """The file is of two types at once. Open it, save it again, and choose it again."""


class EncryptedFile(UnacceptableFile):
    """The file is protected by a password. Save it without one, and choose it again."""


class MacrosNotAccepted(UnacceptableFile):
    """The document holds macros (small programs). Save it without macros, or as PDF."""


class EmbeddedFilesNotAccepted(UnacceptableFile):
    """The document has other files inside it. Take them out, and attach them one by one."""


class ActivePdfNotAccepted(UnacceptableFile):
    """The PDF holds programs. Print it to a new PDF, and choose that."""


class ExternalContentNotAccepted(UnacceptableFile):
    """The document fetches content from elsewhere when it is opened. Save it as PDF instead."""


class ExpandsTooMuch(UnacceptableFile):
    """The file is much larger unpacked than it looks, and can't be received. Print it to a new PDF."""


class ImageTooLarge(UnacceptableFile):
    """The image has more than {limit} million pixels. Make it smaller."""


class TooComplex(UnacceptableFile):
    """The file has too many parts to be checked. Print it to a new PDF, and choose that."""


class MalwareFound(UnacceptableFile):
    """The file holds malicious software, and was not received."""
