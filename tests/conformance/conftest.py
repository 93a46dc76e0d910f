"""A Spark cluster on this machine: a master and two workers, and a Connect server; skipped where
Java or PySpark is not there.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

UP_SECONDS = 60.0
DOWN_SECONDS = 10.0
DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux: a killed test run takes its Java processes with it."""
QUICK_TO_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"


@pytest.fixture(scope="session")
def spark_home() -> Path:
    """Where PySpark keeps Spark itself."""
    pyspark = pytest.importorskip("pyspark", reason="PySpark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed")
    return Path(pyspark.__file__).parent


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def wait_for(port: int) -> None:
    ends = time.monotonic() + UP_SECONDS
    while time.monotonic() < ends:
        with socket.socket() as opened:
            opened.settimeout(1.0)
            if opened.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail(f"nothing answered on port {port} in {UP_SECONDS:.0f} seconds")


def die_with_parent() -> None:
    """Ask Linux, in the child, to end it when the test run ends in any way."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def start_java(
    command: Sequence[str], environment: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start a Spark process at the head of a process group of its own, so that it and its executors
    end together.
    """
    with log.open("wb") as opened:
        return subprocess.Popen(
            command,
            env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", **environment},
            stdout=opened,
            stderr=opened,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


def end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End every process and its group: asked first, killed where that is not heard."""
    for process in processes:
        process.terminate()
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=DOWN_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session", autouse=True)
def no_driver_left() -> Iterator[None]:
    """End the Java process that PySpark starts in this one for a classic session."""
    yield
    session = sys.modules.get("pyspark.core.context")
    gateway = session.SparkContext._gateway if session else None
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.kill()
        gateway.proc.wait()
        session.SparkContext._gateway = None  # type: ignore[union-attr]


@dataclass(frozen=True)
class Cluster:
    """A standalone master and its workers on 127.0.0.1."""

    address: str
    workers: list[subprocess.Popen[bytes]]

    def kill_a_worker(self) -> None:
        """Kill a worker with its executor, as a machine that fails does."""
        os.killpg(self.workers[0].pid, signal.SIGKILL)
        self.workers[0].wait()


@contextmanager
def cluster(spark_home: Path, logs: Path) -> Iterator[Cluster]:
    """Start a master and two workers, and end them whatever happens."""
    port, environment = (
        free_port(),
        {
            "SPARK_NO_DAEMONIZE": "1",
            "SPARK_HOME": str(spark_home),
            "SPARK_DAEMON_JAVA_OPTS": QUICK_TO_START,
            "SPARK_DAEMON_MEMORY": "256m",
        },
    )
    started: list[subprocess.Popen[bytes]] = []

    def start(role: str, *arguments: str) -> None:
        started.append(
            start_java(
                [
                    str(spark_home / "bin" / "spark-class"),
                    f"org.apache.spark.deploy.{role}",
                    *arguments,
                ],
                environment,
                logs / f"{role}-{len(started)}.log",
            )
        )

    try:
        start(
            "master.Master",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--webui-port",
            str(free_port()),
        )
        wait_for(port)
        for number in range(2):
            start(
                "worker.Worker",
                "--host",
                "127.0.0.1",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--webui-port",
                str(free_port()),
                "--work-dir",
                str(logs / f"work{number}"),
                f"spark://127.0.0.1:{port}",
            )
        yield Cluster(f"spark://127.0.0.1:{port}", started[1:])
    finally:
        end(started[::-1])


@pytest.fixture(scope="session")
def master(spark_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a standalone master with two workers."""
    with cluster(spark_home, tmp_path_factory.mktemp("cluster")) as found:
        yield found.address


@pytest.fixture
def own_cluster(spark_home: Path, tmp_path: Path) -> Iterator[Cluster]:
    """A cluster that a test may damage."""
    logs = tmp_path / "cluster"
    logs.mkdir()
    with cluster(spark_home, logs) as found:
        yield found


@pytest.fixture(scope="session")
def small_cluster_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Spark settings that waste no time on a few thousand rows."""
    folder = tmp_path_factory.mktemp("settings")
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.executor.memory": "512m",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.files.openCostInBytes": "134217728",
        "spark.sql.adaptive.enabled": "false",
        # Compiling each statement and each hot method costs more than it saves on so few rows.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.driver.extraJavaOptions": QUICK_TO_START,
        "spark.executor.extraJavaOptions": QUICK_TO_START,
        "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "false",
    }
    (folder / "spark-defaults.conf").write_text(
        "".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="session")
def connect_server(
    spark_home: Path,
    master: str,
    small_cluster_settings: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of a Connect server on the cluster."""
    pytest.importorskip("grpc", reason="the client of Spark Connect is not installed")
    port, log = free_port(), tmp_path_factory.mktemp("connect") / "server.log"
    command = [
        str(spark_home / "bin" / "spark-submit"),
        "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer",
        "--master",
        master,
    ]
    for setting in (
        f"spark.connect.grpc.binding.port={port}",
        "spark.connect.grpc.binding.address=127.0.0.1",
    ):
        command += ["--conf", setting]
    process = start_java(
        [*command, "spark-internal"],
        {"SPARK_HOME": str(spark_home), "SPARK_CONF_DIR": str(small_cluster_settings)},
        log,
    )
    try:
        wait_for(port)
        yield f"sc://127.0.0.1:{port}"
    finally:
        end([process])
