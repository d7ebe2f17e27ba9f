# Two commands matter: `make up` and `make test`; `make help` lists the rest.

.DEFAULT_GOAL := help
.PHONY: help up test rig long lint bench dev lock
BIN := .venv/bin
# Where this is set, every process of every test compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

help:  ## this list · 本说明
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' Makefile

up: .venv/.runtime  ## set up and run everything here, until ctrl-C · 安装并运行全部服务
	@$(BIN)/microgov up

test: .venv/.test  ## all tests but the long ones, 7 minutes · 测试
	@$(BIN)/python -m pytest -n 3 --dist worksteal -m "not rig and not compose"

rig: .venv/.test  ## faults and kills, a quarter of an hour; ROUNDS=n goes on, SAMPLE=0.5 takes some · 故障测试
	@TRIES=2 $(if $(ROUNDS),ROUNDS=$(ROUNDS)) $(BIN)/python -m pytest -m "rig or machine" -s tests/rig tests/real_input
	@TRIES=2 $(BIN)/python -m pytest -n 3 --dist worksteal -m "rig or machine" --ignore tests/rig --ignore tests/real_input

long: .venv/.test  ## all long tests with new seeds, 45 minutes; resumes, writes docs/long.md · 长测试
	@$(BIN)/python -m tests.long

lint: .venv/.test  ## ruff, mypy, import rules, generated files · 静态检查
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m microgov.contracts --check
	@$(BIN)/python -m tools.life_tables --check
	@$(BIN)/python -m tools.rules_table --check
	@$(BIN)/python -m tools.reference --check
	@$(BIN)/python -m tools.architecture_picture --check
	@$(BIN)/python -m bench.report --check

bench: .venv/.bench  ## speed, 10 minutes; ONLY=P1,P4 measures some · 性能测试
	@$(BIN)/python -m bench $(if $(ONLY),--only $(ONLY))

dev: .venv/.test  ## set up .venv with the tests' tools, and no more · 安装开发环境
	@echo "$(BIN)/python -m pytest tests/…"

lock:  ## resolve the dependencies anew (needs uv) · 更新依赖锁定
	@tools/venv lock

.venv/.runtime: requirements.lock pyproject.toml tools/venv
	@tools/venv install requirements.lock
	@touch $@

.venv/.test: requirements-test.lock pyproject.toml tools/venv
	@tools/venv install requirements-test.lock
	@touch .venv/.runtime $@

.venv/.bench: requirements-bench.lock pyproject.toml tools/venv
	@tools/venv install requirements-bench.lock
	@touch .venv/.runtime .venv/.test $@
