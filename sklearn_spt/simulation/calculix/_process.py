"""Running a program in a folder of its own, so that neither outlives this process, however it ends."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from .._errors import SimulationError
from . import _guard

_PREFIX = "sklearn-spt-run-"
# Tells a run's folder from one that somebody gave such a name.
_OWNED = ".sklearn-spt-run"
_LOG = "log"


class Run:
    """A folder in which programs run: a context that ends them, and removes it.

    Where this process is killed, a guard ends them and removes the folder. Where the guard is killed too, the next run
    does: each folder is locked by the process that made it, as long as that lives.

    Attributes
    ----------
    folder : Path
        The folder.
    """

    folder: Path

    def __enter__(self) -> "Run":
        self._processes: list[subprocess.Popen[bytes]] = []
        self._guard: subprocess.Popen[bytes] | None = None
        if os.name == "posix":
            remove_leftovers()
        self._temporary, self._lock = _locked_folder()
        self.folder = Path(self._temporary.name)
        if os.name == "posix" and sys.executable:
            self._guard = _start_guard(self.folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        if self._guard is not None:
            # The whole group: what took the mark off its environment, and the solver where there is no /proc.
            with contextlib.suppress(OSError):
                os.killpg(self._guard.pid, signal.SIGKILL)
            self._guard.wait()
        self._temporary.cleanup()
        if self._lock is not None:
            os.close(self._lock)

    def start(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start a program in the folder; what it says goes to its log.

        Raises
        ------
        SimulationError
            If the system cannot start it.
        """
        # One process per core beats several threads on one small model.
        threads = {"OMP_NUM_THREADS": "1", "CCX_NPROC_EQUATION_SOLVER": "1"}
        environment = {**os.environ, **threads, _guard.MARK: self.folder.name}
        # The guard's group. A negative number: the group of this process, as on systems that know none.
        group = -1 if self._guard is None else self._guard.pid
        with (self.folder / _LOG).open("wb") as log:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    process_group=group,
                )
            except OSError as error:
                raise SimulationError(
                    f"the solver {command[0]} cannot be started ({error.strerror}); check that it is a program for "
                    "this machine, or name another one"
                ) from None
        self._processes.append(process)
        return process

    def log(self) -> str:
        """What the last program said."""
        return (self.folder / _LOG).read_text(encoding="utf-8", errors="replace")

    def end(self) -> None:
        """End the programs with all that they started; returns when they are gone."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
        if os.name == "posix":
            _guard.end_run(self.folder.name)
        for process in self._processes:
            process.wait()

    def keep(self, folder: Path) -> None:
        """Copy the files to another folder, which may be there."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(_OWNED))


def _start_guard(folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-I", "-S", _guard.__file__, str(os.getpid()), str(folder)]
    null = subprocess.DEVNULL
    # It inherits that these are blocked: whoever ends all processes of a job ends this one last, by the parent's end.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
    try:
        return subprocess.Popen(command, stdin=null, stdout=null, stderr=null, cwd="/", process_group=0)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def remove_leftovers() -> None:
    """Remove the folders of runs whose process is gone, and end what still runs in them."""
    for folder in Path(tempfile.gettempdir()).glob(_PREFIX + "*"):
        # Somebody else's, or removed in this moment by its own process.
        with contextlib.suppress(OSError):
            lock = None if folder.lstat().st_uid != os.getuid() else _lock(folder)
            if lock is None:
                continue
            try:
                content = os.listdir(folder)
                # A process may have been killed before it put anything into its folder.
                if _OWNED in content or not content:
                    _guard.end_run(folder.name)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _locked_folder() -> tuple["tempfile.TemporaryDirectory[str]", int | None]:
    while True:
        made = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        folder = Path(made.name)
        try:
            lock = _lock(folder) if os.name == "posix" else None
        except OSError:
            # A file system without locks: nobody will take the folder for a leftover.
            lock = None
        else:
            if lock is None and os.name == "posix":
                # Another process took it for a leftover before it was locked.
                made.cleanup()
                continue
        (folder / _OWNED).touch()
        return made, lock


def _lock(folder: Path) -> int | None:
    """A handle that keeps the folder locked until it is closed; None if it is locked already, or gone."""
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        gone = not folder.exists()
    except BlockingIOError:
        gone = True
    except OSError:
        os.close(handle)
        raise
    if gone:
        os.close(handle)
        return None
    return handle


def exit_status(status: int) -> str:
    """The exit status of a process in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"
