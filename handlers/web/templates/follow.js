// Asks how far something is, says so, and goes on when it is done. After a while, or some failures, a person must.
const said = document.querySelector("[data-follow]");
const form = document.querySelector("form[data-followed]");
const otherWay = document.querySelector("details[data-other-way]");
const SECONDS = Number(said.dataset.seconds);
let looks = 150;
let failures = 0;

function say(text) {
  if (said.textContent !== text) said.textContent = text;
}

async function ask() {
  const sent = form ? { method: "POST", body: new URLSearchParams(new FormData(form)) } : {};
  const answer = await fetch(said.dataset.follow, sent);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function look() {
  looks -= 1;
  try {
    const told = await ask();
    failures = 0;
    if (told.next) return location.assign(told.next);
    say(told.said);
    if (told.done) return;
  } catch {
    failures += 1;
  }
  if (looks > 0 && failures < 5) return void setTimeout(look, SECONDS * 1000);
  say("This page has stopped looking. Reload it, or go on by hand.");
  if (otherWay) otherWay.open = true;
}

setTimeout(look, SECONDS * 1000);
