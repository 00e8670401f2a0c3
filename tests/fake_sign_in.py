"""A sign-in for tests of adapters: gives the tokens that it was made with, one after the other."""

from dataclasses import dataclass, field

from app.application.ports.sign_in import AccessToken, NotAuthorised, NoTokenNow, TokenAnswer


@dataclass
class FakeSignIn:
    """`SignIn` over a list: each token that the ERP refuses makes way for the next; after the last a person has to authorise again.

    `instead` is answered in place of any token.
    """

    tokens: list[str]
    organisation: str | None = None
    instead: NotAuthorised | NoTokenNow | None = None
    refusals: list[str] = field(default_factory=list)

    async def token(self) -> TokenAnswer:
        if self.instead is not None:
            return self.instead
        return AccessToken(value=self.tokens[0], organisation=self.organisation)

    async def refused(self, token: AccessToken) -> TokenAnswer:
        self.refusals.append(token.value)
        if token.value == self.tokens[0]:
            if len(self.tokens) == 1:
                return NotAuthorised(reason="the vendor no longer accepts the refresh token")
            self.tokens = self.tokens[1:]
        return await self.token()
