// Opens a page of another origin in Chromium and lets it book a ride, as a console in a browser does.
//
// usage: node chromium.js PORT URL TOKEN AREA DAY
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const [port, baseUrl, token, area, day] = process.argv.slice(2);
if (!port || !baseUrl || !token || !area || !day) {
  throw new Error("usage: node chromium.js PORT URL TOKEN AREA DAY");
}
const script = await readFile(new URL("browser.js", import.meta.url));
const pages = createServer((request, response) => {
  if (request.url === "/browser.js") {
    response.setHeader("content-type", "text/javascript").end(script);
  } else {
    response.setHeader("content-type", "text/html").end('<!doctype html><meta charset="utf-8"><script type="module" src="/browser.js"></script>');
  }
}).listen(Number(port), "127.0.0.1");

const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = await browser.newPage();
  page.on("console", (message) => console.error("page:", message.text()));
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction("window.bookARide");
  const seen = await page.evaluate(([a, b, c, d]) => window.bookARide(a, b, c, d), [baseUrl, token, area, day] as const);
  console.log(seen.join(" "));
} finally {
  await browser.close();
  pages.close();
}
