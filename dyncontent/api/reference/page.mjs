// Search among the operations and schemas, and what an address points to stands open.

const search = document.querySelector("#search");
const found = document.querySelector("#found");
const entries = [...document.querySelectorAll("main details")].map((element) => ({
  element,
  text: element.textContent.toLowerCase().replace(/\s+/g, " "),
  head: element.querySelector("summary").textContent.toLowerCase(),
}));
const links = new Map(
  [...document.querySelectorAll("nav li a")].map((link) => [link.hash.slice(1), link.parentElement]),
);

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { element, text, head } of entries) {
    const where = element.className === "schema" ? head : text;
    element.hidden = !words.every((word) => where.includes(word));
    count += element.hidden ? 0 : 1;
    links.get(element.id)?.toggleAttribute("hidden", element.hidden);
  }
  for (const section of document.querySelectorAll(".group, nav section:has(li)")) {
    section.hidden = !section.querySelector("details:not([hidden]), li:not([hidden])");
  }
  found.textContent = words.length ? `${count} found` : "";
}

function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) {
    if (target.hidden) {
      search.value = "";
      show();
    }
    target.open = true;
    target.scrollIntoView();
  }
}

document.querySelector(".search").hidden = false;
search.addEventListener("input", show);
addEventListener("hashchange", openTarget);
addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && document.activeElement === search) {
    search.value = "";
    show();
  }
});
document.querySelector("main").addEventListener("toggle", (event) => {
  if (event.target.open && event.target.id && location.hash.slice(1) !== event.target.id) {
    history.replaceState(null, "", `#${event.target.id}`);
  }
}, true);
openTarget();
