-- How a person completes in Neovim, key by key: sourced after a file is open (nvim -u init.lua -S complete.lua FILE).
-- $LOOPWISE_STEPS names a JSON file with a list of steps, $LOOPWISE_ANSWERS the file that gets a JSON line for each.
-- A step is one file's visit; see `Case` in test_completion.py for what it holds.  Lines and columns (bytes) from 0.
-- $LOOPWISE_CLIENTS clients have to be attached, or one.
--
-- The keys go through the main loop as those of a terminal do, so that insert mode, the menu and the answers of the
-- server meet as they do for people.  All of this runs in a coroutine beside the loop, which nothing here blocks.

local PATIENCE = 60000 -- milliseconds: for machines that have much else to do
local TICK = 2 -- milliseconds
local answers = assert(io.open(vim.env.LOOPWISE_ANSWERS, "w"))

local function answer(values)
  answers:write(vim.json.encode(values), "\n")
  answers:flush()
end

local awaited -- what the coroutine waits for: { holds, what, deadline }

-- `holds` has to hold on so many ticks in a row: what the last answer had scheduled is done after three.
local function wait(what, holds, ticks)
  local seen = 0
  awaited = {
    what = what,
    deadline = vim.uv.now() + PATIENCE,
    holds = function()
      seen = holds() and seen + 1 or 0
      return seen >= (ticks or 3)
    end,
  }
  coroutine.yield()
end

local pressed, handled = 0, 0
_G.key_was_handled = function()
  handled = handled + 1
end
_G.ask = function()
  vim.lsp.completion.get()
end
vim.keymap.set({ "n", "i", "s", "x" }, "<F12>", "<Cmd>lua key_was_handled()<CR>")
vim.keymap.set("i", "<F11>", "<Cmd>lua ask()<CR>")

local function press(key)
  pressed = pressed + 1
  vim.api.nvim_input(key .. "<F12>")
  wait("the key " .. key, function()
    return handled == pressed
  end, 1)
end

local EXPECTED = tonumber(vim.env.LOOPWISE_CLIENTS or 1)

local function every_client(holds)
  local clients = vim.lsp.get_clients({ bufnr = 0 })
  return #clients == EXPECTED and vim.iter(clients):all(holds)
end

local function initialized(client)
  return client.initialized
end

local function has_answered(client)
  return next(client.requests) == nil
end

local answered = 0 -- completion requests
vim.api.nvim_create_autocmd("LspRequest", {
  callback = function(event)
    local request = event.data.request
    if request.type == "complete" and request.method == "textDocument/completion" then
      answered = answered + 1
    end
  end,
})

-- A list that a typed character opens is asked for 25 ms later; people look at the menu before they choose.
local function wait_for_quiet()
  local since = vim.uv.now()
  wait("the server's answers", function()
    return every_client(has_answered) and vim.uv.now() - since > 40
  end)
end

local function menu_is_open()
  return vim.fn.pumvisible() == 1
end

-- On a machine that has much else to do the list is asked for much later than after 25 ms.
local function pause()
  local since = vim.uv.now()
  wait("a menu", function()
    return every_client(has_answered) and (menu_is_open() or vim.uv.now() - since > 3000)
  end)
  wait_for_quiet()
end

-- One key after the other; `<…>` is a key's name, but for `<Pause>`: a moment in which nothing is typed, and a menu
-- opens.
local function type_keys(keys)
  while keys ~= "" do
    local key = keys:match("^<%a[%w-]*>") or keys:match("^[%z\1-\127\194-\244][\128-\191]*")
    keys = keys:sub(#key + 1)
    if key == "<Pause>" then
      pause()
    else
      press(key)
    end
  end
end

local function labels(items)
  return vim.tbl_map(function(item)
    return item.abbr
  end, items)
end

local function is_ours(item)
  local client = vim.lsp.get_client_by_id(vim.tbl_get(item, "user_data", "nvim", "lsp", "client_id") or -1)
  return client ~= nil and client.name == "loopwise"
end

-- Where the label is in the menu now, from 0.  Where two servers offer the label ours is taken: Neovim puts the items
-- of the server first that answered first, mostly.  `a|b` is either of two labels.
local function index_of(label)
  local items, found = vim.fn.complete_info({ "items" }).items, nil
  local labels_ = vim.split(label, "|", { plain = true })
  for index, item in ipairs(items) do
    if vim.tbl_contains(labels_, item.abbr) and (not found or (is_ours(item) and not is_ours(items[found + 1]))) then
      found = index - 1
    end
  end
  return found
end

-- With <C-n> down to the label, then <C-y>; what was in the menu.  A late answer may put other items above it.
local function choose(label)
  wait("a menu with " .. label, function()
    return menu_is_open() and index_of(label) ~= nil
  end)
  wait_for_quiet()
  local shown = labels(vim.fn.complete_info({ "items" }).items)
  while vim.fn.complete_info({ "selected" }).selected ~= index_of(label) do
    press("<C-n>")
  end
  press("<C-y>")
  wait_for_quiet()
  return shown
end

-- The text, where the cursor is, and the other end of what is selected: the text of a snippet's tab stop.
local function state()
  local mode = vim.api.nvim_get_mode().mode
  local cursor = vim.api.nvim_win_get_cursor(0)
  local other = mode == "s" and vim.fn.getpos("v") or nil
  return {
    mode = mode,
    lines = vim.api.nvim_buf_get_lines(0, 0, -1, true),
    line = cursor[1] - 1,
    column = cursor[2],
    other = other and { line = other[2] - 1, column = other[3] - 1 } or vim.NIL,
  }
end

local function open(step)
  vim.fn.mkdir(vim.fs.dirname(step.path), "p")
  local file = assert(io.open(step.path, "wb"))
  file:write(step.text)
  file:close()
  vim.cmd.edit(step.path)
  wait("the clients", function()
    return every_client(initialized)
  end)
  vim.api.nvim_win_set_cursor(0, { step.line + 1, step.column })
end

local function leave()
  vim.snippet.stop()
  while vim.api.nvim_get_mode().mode ~= "n" do
    press("<Esc>")
  end
  vim.cmd.bwipeout({ bang = true })
end

local ASKING = { get = "<F11>", omni = "<C-x><C-o>", signature = "<C-s>" }

-- The float with a signature: its text, and what is highlighted as the active parameter.
local function signature()
  local space = vim.api.nvim_get_namespaces()["nvim.lsp.signature_help"]
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    local buffer = vim.api.nvim_win_get_buf(window)
    for _, mark in ipairs(space and vim.api.nvim_buf_get_extmarks(buffer, space, 0, -1, { details = true }) or {}) do
      local text = vim.api.nvim_buf_get_text(buffer, mark[2], mark[3], mark[4].end_row, mark[4].end_col, {})
      local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, true)
      return { text = table.concat(lines, "\n"), active = table.concat(text, "\n") }
    end
  end
end

local function visit(step)
  open(step)
  local line = vim.api.nvim_get_current_line()
  type_keys(step.column >= #line and "A" or "i")
  local before = answered
  type_keys(step.typed)
  if step.ask ~= "auto" then
    wait_for_quiet()
    if menu_is_open() then -- one that a space opened while the rest was typed: with it Neovim does not ask
      press("<C-e>")
    end
    type_keys(ASKING[step.ask])
  end
  local found = { menu = {} }
  if step.ask == "signature" then
    wait("a signature", signature)
    found.signature = signature()
  elseif step.label ~= vim.NIL then
    found.menu = choose(step.label)
  else
    wait("an answer", function()
      return answered > before
    end)
    wait_for_quiet()
    found.menu = menu_is_open() and labels(vim.fn.complete_info({ "items" }).items) or {}
  end
  found.accepted = state()
  type_keys(step.more)
  found.at_last = state()
  found.format = vim.bo.fileformat
  leave()
  return found
end

local function run()
  for _, step in ipairs(vim.json.decode(table.concat(vim.fn.readfile(vim.env.LOOPWISE_STEPS), "\n"))) do
    answer(visit(step))
  end
end

local function finish(trouble)
  if trouble then
    answer({ trouble = trouble })
  end
  answers:close()
  vim.cmd("qall!")
end

local thread = coroutine.create(run)
local clock = assert(vim.uv.new_timer())

local function go_on()
  if not awaited and coroutine.status(thread) == "dead" then
    return
  end
  if awaited then
    local fine, holds = pcall(awaited.holds)
    if fine and not holds and vim.uv.now() < awaited.deadline then
      return
    end
    if not holds or not fine then
      clock:stop()
      local now = vim.inspect(state())
      return finish(("waited in vain for %s: %s\n%s"):format(awaited.what, tostring(holds), now))
    end
  end
  awaited = nil
  local fine, trouble = coroutine.resume(thread)
  if not fine or coroutine.status(thread) == "dead" then
    clock:stop()
    finish(not fine and debug.traceback(thread, trouble) or nil)
  end
end

clock:start(TICK, TICK, vim.schedule_wrap(go_on))
