"""Files that a reader hands in, kept under their own names for as long as the session lasts."""

import re
import tempfile
from pathlib import Path

import streamlit as st


def kept(name: str, content: bytes) -> Path:
    """Keep an uploaded file for this session and return where it lies."""
    folder = st.session_state.get("_uploads")
    if folder is None:
        folder = tempfile.TemporaryDirectory(prefix="regulars-upload-")
        st.session_state["_uploads"] = folder  # vanishes with the session
    safe = re.sub(r"[^\w.\- ]", "_", Path(name).name)[-120:].lstrip(".") or "upload"
    path = Path(folder.name) / safe
    path.write_bytes(content)
    return path
