// Small comforts; everything works without them. Figures follow a slider, a run tells how far it is, and a page opens when its figures are there.
"use strict";

const trial = document.querySelector("form[data-trial]");
if (trial) {
  const figures = document.getElementById("figures");
  let waiting = null, asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const answer = await fetch("/try/figures", { method: "POST", headers: { Accept: "text/html" }, body: new URLSearchParams(new FormData(trial)) });
    const words = await answer.text();
    if (mine !== asked) return;
    const page = new DOMParser().parseFromString(words, "text/html");
    const fresh = page.getElementById("figures") || page.querySelector(".refused");
    if (fresh) figures.replaceChildren(...(fresh.id ? fresh.childNodes : [fresh]));
  };
  trial.addEventListener("input", (event) => {
    if (event.target.type !== "range") return;
    const read = trial.querySelector(`output[for="${event.target.id}"]`);
    if (read) read.textContent = event.target.value + (event.target.dataset.unit || "");
    clearTimeout(waiting);
    waiting = setTimeout(ask, 40);
  });
}

const run = document.querySelector("[data-run]");
if (run && !run.dataset.over) {
  const look = async () => {
    const answer = await fetch(`/runs/${run.dataset.run}.json`);
    if (!answer.ok) return;
    const found = await answer.json();
    run.textContent = found.stage;
    if (found.over) location.reload(); else setTimeout(look, 700);
  };
  setTimeout(look, 300);
}

const waitedFor = document.querySelector("[data-waiting]");
if (waitedFor) {
  const look = async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.status !== 202) return location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-waiting]");
    if (fresh) waitedFor.textContent = fresh.textContent;
    setTimeout(look, 300);
  };
  setTimeout(look, 200);
}
