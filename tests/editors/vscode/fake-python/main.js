// The part of ms-python.python's public API that extensions use, with a general Python server: jedi-language-server.
const { LanguageClient } = require("vscode-languageclient/node");
const vscode = require("vscode");

let client;

exports.activate = () => {
  const changed = new vscode.EventEmitter();
  let current = process.env.FAKE_PYTHON;
  const server = { command: current, args: ["-c", "from jedi_language_server.cli import cli; cli()"], options: { env: process.env } };
  client = new LanguageClient("jedi", "Jedi", server, { documentSelector: [{ language: "python" }] });
  void client.start();
  return {
    ready: Promise.resolve(),
    environments: {
      getActiveEnvironmentPath: () => ({ id: current, path: current }),
      resolveEnvironment: async (asked) => ({ id: asked.path, path: asked.path, executable: { uri: vscode.Uri.file(asked.path) } }),
      onDidChangeActiveEnvironmentPath: changed.event,
      known: [],
    },
    choose(path) {
      current = path;
      changed.fire({ id: path, path, resource: undefined });
    },
  };
};

exports.deactivate = () => client?.stop();
