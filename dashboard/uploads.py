"""Files that a reader hands in, kept under their own names for as long as the session lasts."""

import re
import tempfile
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile


def kept(file: UploadedFile) -> Path:
    """Keep an uploaded file for this session and return where it lies; once per upload."""
    folder = st.session_state.get("_uploads")
    if folder is None:
        folder = tempfile.TemporaryDirectory(prefix="regulars-upload-")
        st.session_state["_uploads"] = folder  # vanishes with the session
    safe = re.sub(r"[^\w.\- ]", "_", Path(file.name).name)[-120:].lstrip(".") or "upload"
    path = Path(folder.name) / re.sub(r"\W", "", file.file_id) / safe
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.getvalue())
    return path
