"""The layers: what the zygote puts around itself once, and each child before any source arrives.

Every function here either does what it says or raises; nothing is skipped silently. Layers overlap on
purpose: any one of a mount namespace, Landlock and chroot hides the files, because no place offers all of
them (a container forbids namespaces, an ordinary user cannot chroot).

Each layer takes away rights that another one needs to go up, which dictates the order. In the zygote: the
user namespace first, since without root it grants the right to make the others; the new root next, since it
takes mounts; network, IPC and UTS after it. Then no_new_privs, without which the kernel refuses Landlock to
a user without privileges; then Landlock, and chroot only where both others failed. A pid namespace counts
for forks to come, so it is tried last.

In a child: resource limits while it may still set them; the capability bounding set while it has the
capability to empty it; then groups and user, while it may change them; then the capabilities that are left.
The death signal comes after that, because a change of user clears it, and so does dumpability, which it
resets. no_new_privs, Landlock's scope and the seccomp filter close the door: the filter is last, as it
forbids the very calls that the steps before it are made of.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from autograder.sandbox import linux, readable, seccomp

NOBODY = 65534
FIRST_USER, BLOCKS, BLOCK = 52_000, 125, 64  # a range that Linux distributions leave to nobody
_NAMESPACES = {"net_ns": linux.CLONE_NEWNET, "ipc_ns": linux.CLONE_NEWIPC, "uts_ns": linux.CLONE_NEWUTS}


@dataclass
class Layers:
    """What is in force, in order, and what is not and why."""

    on: dict[str, str] = field(default_factory=dict)
    off: dict[str, str] = field(default_factory=dict)

    def attempt(self, name: str, action: Callable[[], object]) -> bool:
        """Put one layer up, and note whether that worked."""
        try:
            detail = action()
        except OSError as error:
            self.off[name] = error.strerror or str(error)
            return False
        self.on[name] = str(detail) if isinstance(detail, int) and detail > 1 else ""
        return True

    def names(self) -> list[str]:
        """The layers in force, e.g. `landlock 7`."""
        return [f"{name} {detail}".rstrip() for name, detail in self.on.items()]


# ---- the zygote ------------------------------------------------------------------------------------


class Confinement:
    """What the zygote holds to confine itself, then each of its children. `without` leaves layers out.

    `last_chance` is called just before libraries can no longer be read, where it comes to that.
    """

    def __init__(
        self,
        package_root: Path,
        secret: Sequence[Path],
        empty: Path,
        without: Sequence[str],
        last_chance: Callable[[], object],
    ) -> None:
        self.layers = Layers()
        self.without = frozenset(without)
        self._users = _user_map()
        self.drops_user = os.geteuid() == 0 and sum(map(len, self._users)) > 1
        self._block = _reserved_block() if self.drops_user else None
        self.user_count = 0
        self._score = os.open("/proc/self/oom_score_adj", os.O_RDWR | os.O_CLOEXEC)
        self._allowed = readable.readable(package_root, secret)
        self._devices = readable.devices()
        self._allowed += [
            Path(name) for name in readable.CUDA.split() if self._devices and Path(name).exists()
        ]
        self._links = _links()
        self._last_chance = last_chance
        self._namespaces()
        self._file_system(empty)
        self.pid_namespace = self._attempt("pid_ns", _try_pid_namespace)

    def _attempt(self, name: str, action: Callable[[], object]) -> bool:
        if name in self.without:
            self.layers.off[name] = "left out"
            return False
        return self.layers.attempt(name, action)

    def _namespaces(self) -> None:
        if not self.drops_user:
            self._attempt("user_ns", _enter_user_namespace)
        self._attempt("mnt_ns", self._new_root)
        for name, flag in _NAMESPACES.items():
            self._attempt(name, partial(linux.unshare, flag))

    def _new_root(self) -> None:
        linux.unshare(linux.CLONE_NEWNS)
        _build_root(self._allowed, self._devices, self._links)

    def _file_system(self, empty: Path) -> None:
        _remember_folders()
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        if "mnt_ns" not in self.layers.on and self.drops_user and not _open_to_all():
            self._last_chance()
        found = self._attempt("landlock", lambda: linux.landlock_files(self._allowed, self._devices))
        if not found and "mnt_ns" not in self.layers.on:
            self._attempt("chroot", lambda: self._change_root(empty))

    def _change_root(self, empty: Path) -> None:
        self._last_chance()
        os.chroot(empty)
        os.chdir("/")

    @contextlib.contextmanager
    def _killed_first(self) -> Iterator[None]:
        """While this lasts, a fork is the first to go when memory runs out."""
        before = os.pread(self._score, 16, 0)
        os.pwrite(self._score, b"1000", 0)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                os.pwrite(self._score, before, 0)

    def next_user(self) -> int | None:
        """A user id that no other child of this machine has, or None where ids cannot be changed.

        It comes from this zygote's own block, and again after so many children as a block has ids: of one
        zygote's children, few live at a time. Containers that share nothing but the kernel may share ids.
        """
        self.user_count += 1
        if self._block is None:
            return None
        wanted = FIRST_USER + self._block.number * BLOCK + self.user_count % BLOCK
        return wanted if any(wanted in users for users in self._users) else NOBODY

    def fork(self) -> int:
        """Fork, into a pid namespace of its own where there is one."""
        with self._killed_first():
            return linux.fork_in_pid_namespace() if self.pid_namespace else os.fork()


@dataclass(frozen=True)
class _Block:
    """A block of user ids, for as long as the socket that reserves it is open."""

    number: int
    name: socket.socket


def _reserved_block() -> _Block:
    """A block of user ids that no other zygote here has. OSError when all are taken.

    A name in the abstract namespace is given to one socket at a time, and is free again when that one's
    process has ended, in whatever way.
    """
    for step in range(BLOCKS):
        number = (os.getpid() + step) % BLOCKS
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0convlab-users-{number}")
        except OSError:
            name.close()
        else:
            return _Block(number, name)
    raise OSError(0, f"all {BLOCKS} blocks of user ids are taken: too many graders run here at once")


def _user_map() -> list[range]:
    """The user ids that exist here; a single one in a user namespace that maps nobody but its owner."""
    lines = [line.split() for line in Path("/proc/self/uid_map").read_text("ascii").splitlines()]
    return [range(int(first), int(first) + int(count)) for first, _, count in lines]


def _enter_user_namespace() -> None:
    user, group = os.getuid(), os.getgid()
    linux.unshare(linux.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")


def _try_pid_namespace() -> None:
    pid = linux.fork_in_pid_namespace()
    if pid == 0:
        os._exit(0 if os.getpid() == 1 else 1)
    if os.waitpid(pid, 0)[1] != 0:
        raise OSError(0, "a process there is not number 1")


def _remember_folders() -> None:
    """Let Python's importer list the library folders now: later their parts can be read, but not the list."""
    sys.path_importer_cache.clear()
    for entry in sys.path:
        importlib.machinery.PathFinder.find_spec("no_such_module", [entry])


def _open_to_all() -> bool:
    """Whether every user can get to Python's libraries."""
    folders = {parent for entry in sys.path for parent in (Path(entry), *Path(entry).parents)}
    return all(folder.stat().st_mode & 0o001 for folder in folders if folder.is_dir())


def _links() -> dict[str, str]:
    """The links that the paths of Python and of the loader go through."""
    links = {str(p): str(p.readlink()) for p in Path("/").iterdir() if p.is_symlink()}
    for entry in (Path(e) for e in sys.path if e):
        if entry.exists() and entry.resolve() != entry:
            links[str(entry)] = str(entry.resolve())
    return links


def _build_root(allowed: Sequence[Path], devices: Sequence[Path], links: Mapping[str, str]) -> None:
    """Make a root of read-only views of `allowed` and of `devices`, and let go of everything else."""
    linux.mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE)
    paths = [*allowed, *devices]
    taken = {str(parent) for path in paths for parent in (path, *path.parents)}
    free = (p for p in ("/mnt", "/media", "/srv", "/opt", "/home", "/var", "/tmp") if Path(p).is_dir())
    base = next((p for p in free if p not in taken), None)
    if base is None:
        raise OSError(0, "no folder to build the new root in")
    linux.mount("tmpfs", base, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=0755,size=1m")
    for path in paths:
        _show(path, Path(base + str(path)), writable=path in devices)
    for link, target in links.items():
        with contextlib.suppress(OSError):
            Path(base + link).parent.mkdir(parents=True, exist_ok=True)
            Path(base + link).symlink_to(target)
    flags = linux.MS_NOSUID | linux.MS_NODEV | linux.MS_BIND | linux.MS_REMOUNT | linux.MS_RDONLY
    linux.mount("none", base, "", flags)
    linux.pivot_root(base)


_LOCKED = {os.ST_NOSUID: linux.MS_NOSUID, os.ST_NODEV: linux.MS_NODEV, os.ST_NOEXEC: linux.MS_NOEXEC}


def _show(path: Path, place: Path, *, writable: bool) -> None:
    """Bind `path` at `place`, read-only unless it is a device."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        place.mkdir(exist_ok=True)
    else:
        place.touch()
    try:
        linux.mount(str(path), str(place), "", linux.MS_BIND | linux.MS_REC)
        kept = sum(flag for bit, flag in _LOCKED.items() if os.statvfs(place).f_flag & bit)
        read_only = 0 if writable else linux.MS_RDONLY
        linux.mount("none", str(place), "", linux.MS_BIND | linux.MS_REMOUNT | read_only | kept)
    except OSError:
        if not str(path).startswith(("/proc/", "/sys/", "/dev/")):
            raise


# ---- a child ---------------------------------------------------------------------------------------


def bind_to_parent(parent: int) -> None:
    """Die with the thread that started this process. A change of user clears this: call it after."""
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent and os.getppid() != parent:
        os._exit(1)


def limit(bounds: Mapping[str, Sequence[int]]) -> None:
    """Set the resource limits, e.g. `{"RLIMIT_CPU": (5, 6)}`."""
    for name, (soft, hard) in bounds.items():
        resource.setrlimit(getattr(resource, name), (soft, hard))


@dataclass(frozen=True)
class ChildSpec:
    """What one child is to be: its user (None keeps the zygote's), limits, GPUs, the layers left out."""

    user: int | None
    bounds: Mapping[str, Sequence[int]]
    accelerator: bool
    gpus: str | None
    without: frozenset[str]


def lock_down(order: ChildSpec) -> Layers:
    """Put every layer of a child up, in the order in which each leaves the next ones possible."""
    layers = Layers()
    steps: dict[str, Callable[[], object]] = {
        "rlimits": lambda: limit(order.bounds),
        "bounding_set": linux.drop_capabilities,
        "uid_drop": lambda: _become(order.user),
        "no_capabilities": linux.forget_capabilities,
        "death_signal": lambda: bind_to_parent(0),
        "undumpable": lambda: linux.prctl(linux.PR_SET_DUMPABLE, 0),
        "no_new_privs": lambda: linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1),
        "landlock_scope": linux.landlock_scope,
        "seccomp": lambda: linux.install_filter(
            seccomp.program(linux.MACHINE, os.getpid(), order.accelerator)
        ),
    }
    for name, step in steps.items():
        if name in order.without:
            layers.off[name] = "left out"
        else:
            layers.attempt(name, step)
    return layers


def _become(user: int | None) -> None:
    if user is None:
        return
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
