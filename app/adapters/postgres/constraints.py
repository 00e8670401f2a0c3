"""The one table from a broken constraint's name to the domain's error. What is not in it is a bug, and stays one."""

from sqlalchemy.exc import DBAPIError

from app.domain.errors import Conflict, DebtorTransactionExists, DomainError, InUse, InvoiceExists, TenantExists

ERRORS: dict[str, tuple[type[DomainError], str]] = {
    "supplier_document_pkey": (InvoiceExists, "this supplier used the number before"),
    "debtor_document_pkey": (DebtorTransactionExists, "the number was used for this kind before"),
    "debtor_batch_item_number_key": (DebtorTransactionExists, "the batch has a transaction of this kind and number already"),
    "debtor_document_tenant_id_debtor_fkey": (InUse, "a transaction carries it"),
    "debtor_document_tenant_id_warehouse_fkey": (InUse, "a transaction carries it"),
    "debtor_document_tenant_id_sales_territory_fkey": (InUse, "a transaction carries it"),
    "app_user_tenant_id_oidc_name_key": (Conflict, "another user signs in with it"),
    "tenant_name_key": (TenantExists, "a tenant of this name exists"),
    "tenant_reference_prefix_key": (Conflict, "the prefix that was drawn for its journals is taken: send it again"),
}


def domain_error(error: DBAPIError) -> DomainError | None:
    """The domain's error for a broken constraint, None where no rule of the domain stands behind it."""
    cause = getattr(error.orig, "__cause__", None)
    known = ERRORS.get(getattr(cause, "constraint_name", None) or "")
    return known[0](known[1]) if known else None
