"""The `odoo` adapter against real ones: Odoo 19 over JSON-2 and over the JSON-RPC that older versions speak, and Odoo 14 over that."""

from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest

from app.adapters.erp.http import HttpClient
from tests.contract.erp_suite import ErpContract
from tests.contract.odoo_harness import OdooHarness, harness
from tests.erps.odoo_server import OdooServer

LOOPBACK = (ip_network("127.0.0.0/8"),)


class TestOdooOverJson2(ErpContract):
    """All of the contract."""

    @pytest.fixture
    async def erp(self, odoo: OdooServer) -> AsyncIterator[OdooHarness]:
        async with HttpClient(allowed_networks=LOOPBACK) as http:
            with harness(odoo, http, "json-2") as erp:
                yield erp


class TestOdooOverJsonRpc(ErpContract):
    """All of it again. Odoo 19 still answers in the way of 14 to 18."""

    @pytest.fixture
    async def erp(self, odoo: OdooServer) -> AsyncIterator[OdooHarness]:
        async with HttpClient(allowed_networks=LOOPBACK) as http:
            with harness(odoo, http, "json-rpc") as erp:
                yield erp


class TestOldestOdoo(ErpContract):
    """And with Odoo 14, which calls much differently and refuses what 19 changes silently."""

    @pytest.fixture
    async def erp(self, oldest_odoo: OdooServer) -> AsyncIterator[OdooHarness]:
        async with HttpClient(allowed_networks=LOOPBACK) as http:
            with harness(oldest_odoo, http, "json-rpc") as erp:
                yield erp
