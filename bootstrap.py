"""Makes `.venv` from the hashed requirement lists and the few Debian packages; standard library only (design §9).

Called by manage.py. Acts by the stamp `.venv/.stamp`, speaks on standard error only, and stays out of the way when
PORTAL_NO_BOOTSTRAP=1. Written for an old Python too, so that an old Python can be told to make room.

Environment: PORTAL_NO_BOOTSTRAP=1 (do nothing), PORTAL_NO_APT=1 (install no Debian package), PIP_* (as pip reads them).
"""

import contextlib
import ctypes
import glob
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from typing import NoReturn

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".stamp")
# Each list holds the ones before it.
GROUPS = ("run", "test", "dev", "bench")
GROUP_OF_COMMAND = {"demo": "run", "test": "dev"}

PANGO_LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz.so.0",
    "libfontconfig.so.1",
    "libharfbuzz-subset.so.0",
)
PANGO_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


def say(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def stop(text) -> NoReturn:
    say(text)
    sys.exit(1)


def enter(command):
    """Continue in `.venv` with everything `command` needs. Returns only when the running interpreter is the right one."""
    if sys.version_info < (3, 11):
        stop(
            "需要 Python 3.11 或更高版本，当前是 {}.{}。(Python 3.11 or newer is needed.)".format(
                *sys.version_info[:2]
            )
        )
    group = GROUP_OF_COMMAND.get(command)
    if (
        group is None
        and not inside_venv()
        and sys.prefix != sys.base_prefix
        and importlib.util.find_spec("django")
    ):
        return  # somebody's own environment: any command but demo and test is theirs to run in it
    if os.environ.get("PORTAL_BOOTSTRAPPED") != command:
        ensure(group or "run")
        if command in GROUP_OF_COMMAND:
            ensure_system(command)
    if not inside_venv():
        os.environ["PORTAL_BOOTSTRAPPED"] = command
        os.execv(PYTHON, [PYTHON, *sys.argv])  # noqa: S606 - our own interpreter, no shell
    os.environ.pop("PORTAL_BOOTSTRAPPED", None)


def inside_venv():
    return os.path.realpath(sys.prefix) == os.path.realpath(VENV)


# --- the virtual environment ----------------------------------------------------------------------------------------


def ensure(group):
    """Have `.venv` hold at least requirements/`group`.txt; two starts at once wait for each other."""
    if is_current(group):
        return
    with locked():
        if is_current(group):
            return
        group = max(group, stamped().get("group", group), key=rank)
        if os.path.exists(PYTHON) and (adopt(group) or refresh(group)):
            return
        build(group)


def rank(group):
    return GROUPS.index(group) if group in GROUPS else -1


def requirements(group):
    return os.path.join(ROOT, "requirements", group + ".txt")


def fingerprint(group):
    with open(requirements(group), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def stamped():
    try:
        with open(STAMP, encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def python_version(executable):
    """The version of `executable`, or None when it does not start (half-built, or its base Python is gone)."""
    if executable == PYTHON and inside_venv():
        return ".".join(str(part) for part in sys.version_info[:3])
    try:
        run = subprocess.run(
            [executable, "-c", "import sys; print(*sys.version_info[:3], sep='.')"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return run.stdout.strip()


def is_current(group):
    stamp = stamped()
    return (
        rank(stamp.get("group")) >= rank(group)
        and stamp.get("requirements") == fingerprint(stamp["group"])
        and stamp.get("python") == python_version(PYTHON)
    )


def write_stamp(group):
    """The last act of a build: whatever has no stamp was not finished."""
    stamp = {"group": group, "requirements": fingerprint(group), "python": python_version(PYTHON)}
    with open(STAMP + ".new", "w", encoding="utf-8") as file:
        json.dump(stamp, file)
    os.replace(STAMP + ".new", STAMP)


@contextlib.contextmanager
def locked():
    """One builder at a time, by an advisory lock on the project folder itself."""
    import fcntl

    handle = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("另一个进程正在准备运行环境，请稍候……(waiting for another start to finish)")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def pins(group):
    """(name, version, has a marker) of each line of the list."""
    found = []
    with open(requirements(group), encoding="utf-8") as file:
        for line in file:
            if "==" in line and not line.startswith((" ", "#")):
                name, rest = line.split("==", 1)
                found.append((name.split("[")[0].strip(), rest.split()[0].rstrip(";"), ";" in rest))
    return found


def adopt(group):
    """Stamp an environment made by another tool when it holds exactly the pinned versions."""
    lister = (
        "import importlib.metadata as m, json, re;"
        "print(json.dumps({re.sub(r'[-_.]+', '-', d.name).lower(): d.version for d in m.distributions()}))"
    )
    try:
        run = subprocess.run([PYTHON, "-c", lister], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    present = json.loads(run.stdout)
    for name, version, conditional in pins(group):
        if present.get(name, version if conditional else None) != version:
            return False
    write_stamp(group)
    return True


def refresh(group):
    """Bring a stamped but outdated environment up to the list; False when it has to be built anew."""
    pip = installer()
    if not pip or not stamped() or stamped().get("python") != python_version(PYTHON):
        return False
    say("依赖清单有变化，正在更新运行环境……(updating .venv)")
    os.unlink(STAMP)
    if not pip_install(pip, group):
        return False
    write_stamp(group)
    return True


def build(group):
    say("正在准备运行环境 .venv（仅首次需要，视网速约需半分钟至数分钟）……(building .venv)")
    if os.path.lexists(VENV):
        if os.path.islink(VENV) or not os.path.isdir(VENV):
            os.unlink(VENV)
        else:
            shutil.rmtree(VENV)
    pip = make_venv()
    if not pip_install(pip, group):
        stop(
            "依赖包未能装齐，见上面的 pip 提示。请检查网络，或设置 PIP_INDEX_URL 指向可用的镜像后重试。"
            "(pip failed; check the network or set PIP_INDEX_URL.)"
        )
    write_stamp(group)
    say("运行环境已就绪。")


def has_pip(executable):
    try:
        return subprocess.run([executable, "-m", "pip", "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def installer():
    """The pip command that installs into `.venv` as it stands: its own pip, the system's, or uv's; else None."""
    if has_pip(PYTHON):
        return [PYTHON, "-m", "pip"]
    if has_pip(sys.executable):
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    return ["uv", "pip"] if shutil.which("uv") else None


def make_venv():
    """Create `.venv` and return the pip command that installs into it."""
    if not importlib.util.find_spec("ensurepip") and not has_pip(sys.executable) and not shutil.which("uv"):
        # Debian splits ensurepip off into python3-venv.
        install_packages(["python3-venv", *([] if has_certificates() else ["ca-certificates"])])
        importlib.invalidate_caches()
    own_pip = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    if subprocess.run([sys.executable, "-m", "venv", *own_pip, VENV]).returncode != 0:
        stop("无法建立运行环境 {}，请检查该文件夹是否可写。(python3 -m venv failed.)".format(VENV))
    pip = installer()
    if pip is None:
        shutil.rmtree(VENV, ignore_errors=True)
        stop(
            "缺少 python3-venv，无法建立运行环境。请以 root 执行：apt-get install -y python3-venv ，再重新运行本命令。"
            "(python3-venv is missing: run the line above as root, then try again.)"
        )
    return pip


def has_certificates():
    return os.path.exists("/etc/ssl/certs/ca-certificates.crt")


def pip_install(pip, group):
    """Install the list into `.venv`, hashes required, wheels only (no compiler needed). True when all of it is in."""
    total = len(pins(group))
    command = [*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", requirements(group)]
    if pip == ["uv", "pip"]:
        command += ["--python", PYTHON]
    else:
        command += ["--disable-pip-version-check", "--no-input", "--no-warn-script-location"]
    # `--user` from the machine's configuration, or a leftover PYTHONPATH, must not reach into this environment.
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    environment["PIP_USER"] = "0"
    seen = 0
    tail = []
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    )
    for line in process.stdout:
        tail = [*tail[-30:], line.rstrip()]
        if line.startswith("Collecting "):
            seen += 1
            if seen % 10 == 0:
                say("  已取得 {}/{} 个依赖包".format(seen, total))
        elif line.startswith("Installing collected"):
            say("  正在安装 {} 个依赖包……".format(seen))
    if process.wait() != 0:
        say("\n".join(tail))
        return False
    return True


# --- Debian packages ------------------------------------------------------------------------------------------------


def missing_pango():
    missing = []
    for name in PANGO_LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def has_cjk_font():
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", os.path.expanduser("~/.fonts"))
    patterns = ("NotoSansCJK*", "NotoSerifCJK*", "wqy-*", "SourceHanSans*", "simsun*", "msyh*")
    return any(
        glob.glob(os.path.join(folder, "**", pattern), recursive=True)
        for folder in folders
        for pattern in patterns
    )


def wanted(command):
    """(what it is for, Debian packages) of everything `command` uses and this machine lacks."""
    lacks = []
    if missing_pango():
        lacks.append(("PDF 排版组件 Pango", list(PANGO_PACKAGES)))
    if command == "test":
        if not (glob.glob("/usr/lib/postgresql/*/bin/initdb") or shutil.which("initdb")):
            lacks.append(("PostgreSQL", ["postgresql"]))
        if not shutil.which("redis-server"):
            lacks.append(("Redis", ["redis-server"]))
        if not shutil.which("chromium"):
            lacks.append(("浏览器 Chromium", ["chromium"]))
        if not shutil.which("faketime"):
            lacks.append(("另一天的时钟 faketime", ["faketime"]))
        if not has_cjk_font():
            lacks.append(("中文字体", ["fonts-noto-cjk"]))
        if not shutil.which("soffice"):
            lacks.append(("文字处理软件 LibreOffice", ["libreoffice-writer-nogui"]))
    return lacks


def ensure_system(command):
    """Install what is missing when root and apt are there; otherwise say so in one line and go on without it."""
    lacks = wanted(command)
    if not lacks:
        return
    install_packages([package for _, packages in lacks for package in packages])
    lacks = wanted(command)
    if lacks:
        names = "、".join(name for name, _ in lacks)
        packages = " ".join(package for _, group in lacks for package in group)
        say("本机缺少：{}，相关功能不可用，其余照常。补装：apt-get install -y {}".format(names, packages))


def may_use_apt():
    return os.environ.get("PORTAL_NO_APT") != "1" and os.geteuid() == 0 and bool(shutil.which("apt-get"))


def install_packages(packages):
    """apt-get update, then install without recommended extras and without starting any service. True when it worked."""
    if not may_use_apt():
        return False
    say("正在安装系统软件包：{} ……(apt-get install)".format(" ".join(packages)))
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
    with no_services_started():
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
            run = subprocess.run(
                ["apt-get", *arguments],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if run.returncode != 0:
                say("apt-get {} 未成功：\n{}".format(arguments[0], "\n".join(run.stdout.splitlines()[-8:])))
                if arguments[0] == "install":
                    return False
    return True


@contextlib.contextmanager
def no_services_started():
    """Tests bring their own PostgreSQL and Redis; Debian's are installed but not started (policy-rc.d, exit 101)."""
    path = "/usr/sbin/policy-rc.d"
    if os.path.exists(path):
        yield
        return
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexit 101\n")
    os.chmod(path, 0o755)  # noqa: S103 - the packaging tools execute it
    try:
        yield
    finally:
        os.unlink(path)


if __name__ == "__main__":
    # `python3 bootstrap.py [run|test|dev]`: the environment alone, for `make check` and the like.
    chosen = sys.argv[1] if len(sys.argv) > 1 else "dev"
    if chosen not in GROUPS:
        stop("用法：python3 bootstrap.py [run|test|dev]")
    ensure(chosen)
