"""Sees to it that there is a Chromium: the system's, Debian's, or Playwright's own; fails where none can be had."""

import os
import shutil
import subprocess
import sys


def find_chromium() -> str | None:
    """The system's Chromium, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    return None


def install() -> bool:
    """Installs a browser where none is there; True if one can be used afterwards."""
    if find_chromium():
        return True
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-q"], check=False)
        subprocess.run(
            ["apt-get", "install", "-y", "-q", "chromium"],
            check=False,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
        if find_chromium():
            return True
    return subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode == 0


if __name__ == "__main__":
    if not install():
        sys.exit(
            "No Chromium is here and none could be installed: install the package 'chromium' and call make test again."
        )
