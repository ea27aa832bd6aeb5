// Beside a second language server (jedi-language-server, which the double of the Python extension runs).
const assert = require("node:assert/strict");
const vscode = require("vscode");
const { hoversAt, inFolder, offers, run, until } = require("./until.cjs");

exports.tests = async function tests(test) {
  const document = await vscode.workspace.openTextDocument(inFolder("oven.py"));
  const ours = (hovers) => hovers.filter((hover) => hover.includes("loopwise.showCheatsheet"));

  await test("both servers hover over what is asyncio's, each once", async () => {
    const hovers = await until("both", async () => {
      const hovers = await hoversAt(document, "asyncio.gath");
      return hovers.length > 1 && hovers;
    });
    assert.equal(hovers.length, 2, hovers.join("\n---\n"));
    assert.equal(ours(hovers).length, 1);
    assert.equal(hovers.join("\n").split("def asyncio.gather(").length, 2);
    assert.match(ours(hovers)[0], /\[Cheatsheet\]\(command:loopwise.showCheatsheet\?%5B%22asyncio.gather%22%5D/);
  });
  await test("what is not asyncio's has the other's hover alone", async () => {
    for (const text of ["    prin", "    return f\"{nam", "import tim"]) {
      const hovers = await hoversAt(document, text);
      assert.equal(ours(hovers).length, 0, `${text}: ${hovers.join("\n---\n")}`);
    }
    assert.equal((await hoversAt(document, "    prin")).length, 1);
  });
  await test("only what has our star is offered a second time", async () => {
    for (const [text, typed] of [["    lo", undefined], ["asyncio.", "."], ["orders.", "."], ["await asyncio.", "."]]) {
      const source = `${document.getText().replace("asyncio.run(main())\n", "")}\n\nasync def late(orders: asyncio.Queue[str]) -> None:\n    loaves = 1\n    ${text.trim()}`;
      const draft = await vscode.workspace.openTextDocument({ content: source, language: "python" });
      await vscode.window.showTextDocument(draft);
      const found = await until(`items behind ${text}`, async () => {
        const found = await offers(draft, source, typed);
        return found.some((offer) => !offer.starred) && found;
      });
      for (const of of [true, false]) {
        const names = found.filter(({ starred }) => starred === of).map(({ name }) => name);
        assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), [], `behind ${text}, ${of ? "ours" : "the rest"}`);
      }
      await run("workbench.action.revertAndCloseActiveEditor");
    }
  });
};
