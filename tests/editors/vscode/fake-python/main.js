// The part of ms-python.python's public API that extensions use, and a hover of its own.
const vscode = require("vscode");

exports.activate = () => {
  // A general Python server knows all names.
  vscode.languages.registerHoverProvider({ language: "python" }, {
    provideHover: (document, position) => {
      const range = document.getWordRangeAtPosition(position);
      return range && new vscode.Hover(`(name) ${document.getText(range)}`);
    },
  });
  const changed = new vscode.EventEmitter();
  let current = process.env.FAKE_PYTHON || "python3";
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
