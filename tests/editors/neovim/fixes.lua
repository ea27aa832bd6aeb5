-- What a person does about findings in Neovim: sourced after the file is open (nvim -u init.lua -S fixes.lua FILE).
-- $LOOPWISE_STEPS names a JSON file with a list of steps, $LOOPWISE_ANSWERS the file that gets a JSON line for each:
--   {"do": "diagnostics", "count": 2}                     wait until so many are shown
--   {"do": "fix", "line": 0, "column": 4, "title": ".."}   choose a code action at a place
--   {"do": "fix all"}                                     what people bind to saving: source.fixAll
--   {"do": "type", "line": 0, "column": 4, "text": ".."}   type in insert mode
-- Lines count from 0, columns in bytes from 0.

local PATIENCE = 60000 -- milliseconds: for machines that have much else to do
local answers = assert(io.open(vim.env.LOOPWISE_ANSWERS, "w"))

local function answer(values)
  answers:write(vim.json.encode(values), "\n")
  answers:flush()
end

local function wait(what, holds)
  if not vim.wait(PATIENCE, holds, 10) then
    error("waited in vain for " .. what)
  end
end

local function attached()
  local client = vim.lsp.get_clients({ bufnr = 0, name = "loopwise" })[1]
  return client ~= nil and client.initialized
end

local function lines()
  return vim.api.nvim_buf_get_lines(0, 0, -1, true)
end

local function shown()
  local found = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    local text = vim.api.nvim_buf_get_text(0, one.lnum, one.col, one.end_lnum, one.end_col, {})
    table.insert(found, one.code .. ": " .. table.concat(text, "\n"))
  end
  return found
end

local steps = {}

function steps.diagnostics(step)
  wait(step.count .. " diagnostics", function()
    return #vim.diagnostic.get(0) == step.count
  end)
  return { shown = shown() }
end

local function changed(act)
  local before = vim.api.nvim_buf_get_changedtick(0)
  act()
  wait("the edit", function()
    return vim.api.nvim_buf_get_changedtick(0) ~= before
  end)
  return { lines = lines() }
end

function steps.fix(step)
  vim.api.nvim_win_set_cursor(0, { step.line + 1, step.column })
  return changed(function()
    vim.lsp.buf.code_action({
      apply = true,
      filter = function(action)
        return action.title == step.title
      end,
    })
  end)
end

steps["fix all"] = function()
  return changed(function()
    vim.lsp.buf.code_action({ apply = true, context = { only = { "source.fixAll" }, diagnostics = {} } })
  end)
end

function steps.type(step)
  local line = vim.api.nvim_buf_get_lines(0, step.line, step.line + 1, true)[1]
  vim.api.nvim_win_set_cursor(0, { step.line + 1, step.column })
  local key = step.column >= #line and "A" or "i"
  vim.api.nvim_feedkeys(key .. step.text .. vim.keycode("<Esc>"), "tx", false)
  return { lines = lines() }
end

local function run()
  wait("the client", attached)
  for _, step in ipairs(vim.json.decode(table.concat(vim.fn.readfile(vim.env.LOOPWISE_STEPS), "\n"))) do
    answer(steps[step["do"]](step))
  end
end

local fine, trouble = xpcall(run, debug.traceback)
if not fine then
  answer({ trouble = trouble })
end
answers:close()
vim.cmd("qall!")
