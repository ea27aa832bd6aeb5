-- What a person does in Neovim, step by step: sourced after the file is open (nvim -u init.lua -S drive.lua FILE).
-- $LOOPWISE_STEPS names a JSON file with a list of steps, $LOOPWISE_ANSWERS the file that gets a JSON line for each:
--   {"do": "hover", "line": 0, "column": 4}              put the cursor there, hover, read the float
--   {"do": "K", "line": 0, "column": 4}                  the same with the user's key: how the float is laid out
--   {"do": "type", "line": 0, "column": 4, "text": ".."}  type the text in insert mode
--   {"do": "insert", "line": 0, "column": 4, "text": ".."}  put the text in at once, as a paste or a snippet does
--   {"do": "open", "path": ".."}                         open another file
--   {"do": "actions", "line": 0, "column": 4}            put the cursor there, list what gra offers
--   {"do": "diagnostics", "count": 2}                    wait until so many are shown
--   {"do": "stop"}                                       end the clients as :LspStop does, and wait for that
--   {"do": "processes"}, {"do": "wait to be killed"}
-- Lines count from 0, columns in bytes from 0.  $LOOPWISE_CLIENTS clients have to be attached, or one.

local PATIENCE = 60000 -- milliseconds: for machines that have much else to do
local buffer = vim.api.nvim_get_current_buf()
local answers = assert(io.open(vim.env.LOOPWISE_ANSWERS, "w"))
local notices = {}

vim.notify = function(message)
  table.insert(notices, message)
end

local function answer(values)
  answers:write(vim.json.encode(values), "\n")
  answers:flush()
end

local EXPECTED = tonumber(vim.env.LOOPWISE_CLIENTS or 1)

local function attached()
  local ready = vim.tbl_filter(function(client)
    return client.initialized
  end, vim.lsp.get_clients({ bufnr = buffer }))
  return #ready == EXPECTED and #vim.lsp.get_clients({ bufnr = buffer, name = "loopwise" }) == 1
end

local function wait_for_client()
  if not vim.wait(PATIENCE, attached, 10) then
    error("the clients did not attach; filetype is '" .. vim.bo[buffer].filetype .. "'")
  end
end

local function float()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= "" then
      return window
    end
  end
end

local function close_floats()
  local window = float()
  while window do
    vim.api.nvim_win_close(window, true)
    window = float()
  end
end

local function go_to(step)
  vim.api.nvim_win_set_cursor(0, { step.line + 1, step.column })
end

-- The process and all that it started, and so on.
local function processes(parent, found)
  for _, child in ipairs(vim.api.nvim_get_proc_children(parent)) do
    table.insert(found, child)
    processes(child, found)
  end
  return found
end

local steps = {}

function steps.hover(step)
  close_floats()
  notices = {}
  go_to(step)
  vim.lsp.buf.hover()
  local seen = vim.wait(PATIENCE, function()
    return float() ~= nil or #notices > 0
  end, 5)
  local window = float()
  local text = vim.NIL
  if window then
    local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
    text = table.concat(lines, "\n")
  end
  close_floats()
  return { line = step.line, col = step.column, text = text, notices = notices, seen = seen }
end

function steps.K(step)
  close_floats()
  go_to(step)
  vim.api.nvim_feedkeys("K", "xm", false)
  vim.wait(PATIENCE, float, 5)
  local window = float()
  vim.cmd.redraw()
  local rows, last = {}, nil
  for number, line in ipairs(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)) do
    for column = 1, #line do
      local row = vim.fn.screenpos(window, number, column).row
      rows[#rows + (row == last and 0 or 1)] = (row == last and rows[#rows] or "") .. line:sub(column, column)
      last = row
    end
  end
  return {
    width = vim.api.nvim_win_get_width(window),
    height = vim.api.nvim_win_get_height(window),
    needed = vim.api.nvim_win_text_height(window, {}).all,
    rows = rows,
  }
end

function steps.type(step)
  -- A line may be too short for the cursor to stand behind its end before insert mode.
  local line = vim.api.nvim_buf_get_lines(buffer, step.line, step.line + 1, true)[1]
  go_to(step)
  local key = step.column >= #line and "A" or "i"
  vim.api.nvim_feedkeys(key .. step.text .. vim.keycode("<Esc>"), "tx", false)
  return { lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, true) }
end

function steps.insert(step)
  local lines = vim.split(step.text, "\n", { plain = true })
  vim.api.nvim_buf_set_text(buffer, step.line, step.column, step.line, step.column, lines)
  return { lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, true) }
end

function steps.open(step)
  vim.cmd.edit(step.path)
  buffer = vim.api.nvim_get_current_buf()
  wait_for_client()
  return { format = vim.bo[buffer].fileformat }
end

function steps.actions(step)
  go_to(step)
  local titles
  vim.ui.select = function(items)
    titles = vim.tbl_map(function(item)
      return item.action.title
    end, items)
  end
  vim.lsp.buf.code_action()
  if not vim.wait(PATIENCE, function()
    return titles ~= nil
  end, 5) then
    error("no code actions were listed")
  end
  return { titles = titles }
end

function steps.diagnostics(step)
  if not vim.wait(PATIENCE, function()
    return #vim.diagnostic.get(buffer) == step.count
  end, 10) then
    error(("%d diagnostics, not %d"):format(#vim.diagnostic.get(buffer), step.count))
  end
  return { shown = vim.tbl_map(function(one)
    return one.message
  end, vim.diagnostic.get(buffer)) }
end

function steps.stop()
  vim.lsp.stop_client(vim.lsp.get_clients())
  if not vim.wait(PATIENCE, function()
    return #vim.lsp.get_clients() == 0
  end, 10) then
    error("the clients did not stop")
  end
  return {}
end

function steps.processes()
  return { processes = processes(vim.fn.getpid(), {}) }
end

steps["wait to be killed"] = function()
  vim.wait(600000, function()
    return false
  end, 1000)
  return {}
end

local function run()
  wait_for_client()
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
