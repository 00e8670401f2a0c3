"""What routes of the set-up have in common."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict

from app.application.events_in.values import Name

NamePath = Annotated[Name, Path(description="Percent-encoded: a slash in a name is %2F.")]


class Answer(BaseModel):
    """A response; `openapi.yaml` is made of these."""

    model_config = ConfigDict(frozen=True)
