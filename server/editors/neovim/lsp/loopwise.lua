-- Loopwise for Neovim 0.11 or newer.
-- Put this file into ~/.config/nvim/lsp/ and add to init.lua: vim.lsp.enable("loopwise")
-- It goes well beside other Python servers: enable those too.

---@type vim.lsp.Config
return {
  cmd = { "loopwise", "serve" },
  filetypes = { "python" },
  root_markers = { "pyproject.toml", "setup.py", "setup.cfg", ".git" },
  -- What a project says in its pyproject.toml is read anyway.  All names: server/SETTINGS.md of Loopwise.
  -- settings = {
  --   loopwise = {
  --     ["target-version"] = "3.11-3.14",
  --     ignore = { "deprecated-asyncio" },
  --   },
  -- },
  on_attach = function(client, buffer)
    -- A menu while you type; leave it out where a plugin such as nvim-cmp or blink.cmp makes the menus.
    vim.lsp.completion.enable(true, client.id, buffer, { autotrigger = true })
    -- A hover of a width that is easy to read; without it one is as wide as the screen.
    vim.keymap.set("n", "K", function()
      vim.wo.linebreak = true -- the float inherits it, and breaks no words
      vim.o.breakat = " ,;/?" -- nor dotted names
      vim.lsp.buf.hover({ max_width = 80, max_height = 25 })
    end, { buffer = buffer })
  end,
}
