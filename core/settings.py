"""Where the books are and how this process runs: environment variables and a ``.env`` file."""

from datetime import date
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of a process, each read from ``REGULARS_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="REGULARS_", env_file=".env", extra="ignore")

    home: Path = Field(
        default=Path("data/books"), description="Folder of the books: facts, derived tables, store."
    )
    store: str = Field(
        default="", description="SQLAlchemy URL of the store; empty for SQLite beside the books."
    )
    user: str = Field(default="", description="Who works at this board, where nobody else does.")
    today: date | None = Field(
        default=None, description="Day on which people work, if not that of the clock."
    )
    engine: str = Field(default="duckdb", description="Engine that builds and reads the ledger.")
    memory_limit: str = Field(default="4GB", description="Most memory DuckDB may take.")
    threads: int = Field(default=0, description="Threads DuckDB may use; 0 for all.")


def load() -> Settings:
    """Return the settings as the environment gives them now."""
    return Settings()
