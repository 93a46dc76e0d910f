"""A Spark cluster on this machine: a master and two workers, and a Connect server; skipped where Java or PySpark is not there."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

UP_SECONDS = 60.0


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


@pytest.fixture(scope="session")
def master(spark_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a standalone master with two workers on 127.0.0.1."""
    logs = tmp_path_factory.mktemp("cluster")
    port, environment = free_port(), {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1", "SPARK_HOME": str(spark_home)}
    started: list[subprocess.Popen[bytes]] = []

    def start(role: str, *arguments: str) -> None:
        with (logs / f"{role}-{len(started)}.log").open("wb") as log:
            started.append(subprocess.Popen([str(spark_home / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}", *arguments], env=environment, stdout=log, stderr=log, start_new_session=True))

    try:
        start("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(free_port()))
        wait_for(port)
        for number in range(2):
            start("worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", str(free_port()), "--work-dir", str(logs / f"work{number}"), f"spark://127.0.0.1:{port}")
        yield f"spark://127.0.0.1:{port}"
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(timeout=30)


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
        "spark.ui.enabled": "false",
        "spark.eventLog.enabled": "false",
    }
    (folder / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def connect_server(spark_home: Path, master: str, small_cluster_settings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Connect server on the cluster."""
    pytest.importorskip("grpc", reason="the client of Spark Connect is not installed")
    port, log = free_port(), tmp_path_factory.mktemp("connect") / "server.log"
    command = [str(spark_home / "bin" / "spark-submit"), "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "--master", master]
    for setting in (f"spark.connect.grpc.binding.port={port}", "spark.connect.grpc.binding.address=127.0.0.1"):
        command += ["--conf", setting]
    with log.open("wb") as opened:
        process = subprocess.Popen([*command, "spark-internal"], env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(spark_home), "SPARK_CONF_DIR": str(small_cluster_settings)}, stdout=opened, stderr=opened, start_new_session=True)
    try:
        wait_for(port)
        yield f"sc://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)
