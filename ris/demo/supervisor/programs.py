"""The processes of the demo: all that DESIGN.md §7 lists, each the command that a clinic would run too."""

from __future__ import annotations

from ris.demo.supervisor.child import Program
from ris.demo.supervisor.installation import Installation

CELERY = ("-m", "celery", "--app", "ris.celery", "--quiet")
# A demo may be run as root; Celery's nine lines about it would drown the sign-ins.
QUIET_AS_ROOT = ("-W", "ignore:You're running the worker with superuser privileges")
ORTHANC = "/usr/sbin/Orthanc"
FOR_ORTHANC = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")


def of(installation: Installation) -> list[Program]:
    """Every long-running program of the RIS, the archive first; without Orthanc when the clinic has its own."""
    return [
        *([orthanc(installation)] if installation.ports.orthanc_http else []),
        web(installation),
        installation.python("worker", *QUIET_AS_ROOT, *CELERY, "worker", "--concurrency=2", "--without-gossip"),
        installation.python("beat", *CELERY, "beat", "--pidfile="),
        installation.manage("deliveries", "run_deliveries"),
        installation.manage("worklist", "run_dicom_scp"),
        installation.manage("hl7", "run_mllp"),
        installation.manage("hospital", "receive_hl7"),
    ]


def modality(installation: Installation) -> Program:
    """The simulated devices; they come to work when worklist and archive are open."""
    return installation.manage("modality", "simulate_modality", "--delay", "3")


def orthanc(installation: Installation) -> Program:
    """The archive; of our environment it gets what its hook needs, and no other secret."""
    env = {name: installation.env[name] for name in FOR_ORTHANC if name in installation.env}
    env["ISOCENTER_HOOK_URL"] = f"http://127.0.0.1:{installation.ports.web.number}/hooks/orthanc"
    for name in ("HOOK_SECRET", "HOOK_SECRET_FILE"):
        if installation.env.get(name):
            env[f"ISOCENTER_{name}"] = installation.env[name]
    return Program("orthanc", (ORTHANC, str(installation.orthanc_file)), env, installation.data)


def web(installation: Installation) -> Program:
    """The ASGI server, on loopback."""
    port = installation.ports.web
    listen = ("--host", port.host, "--port", str(port.number), "--lifespan", "on", "--no-access-log")
    return installation.python(
        "web", "-m", "uvicorn", "ris.asgi:application", *listen, "--timeout-graceful-shutdown", "3"
    )
