"""A GitHub of our own: a real HTTP server with sample issues and reporters that answer, reached like the real one."""

from triage.sandbox.app import create_app
from triage.sandbox.errors import SandboxError
from triage.sandbox.sandbox import Sandbox
from triage.sandbox.server import SandboxServer, serve

__all__ = ["Sandbox", "SandboxError", "SandboxServer", "create_app", "serve"]
