"""The demo has a pool at work: paid in, granted, paid out in part, adopted, and an account that balances."""

from allmenning.commons.pools import queries
from allmenning.doors.office.testing import with_all_agreements
from demo import pools


def test_the_pool_is_there_once_and_balances(commons_db):
    with_all_agreements()
    pools.seed()
    pools.seed()
    account = queries.account(pools.POOL)
    assert account.has == account.whose
    assert set(account.claims) == {"smola", "tingvoll"}
    assert [each.is_granted for each in queries.applications(pools.POOL)] == [False, True]
