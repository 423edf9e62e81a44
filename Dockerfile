# Skill Fleet's server and worker, from this checkout and nothing else:  docker build -t skill-fleet .
FROM python:3.12-slim AS build
# pydantic-core, psycopg and the like come as wheels; a compiler is here for platforms that have none.
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY common common
COPY server server
COPY tui tui
RUN python -m venv /opt/skill-fleet \
    && /opt/skill-fleet/bin/pip install --no-cache-dir --constraint constraints.txt '.[server,otel]'

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home --home-dir /home/fleet fleet \
    && install --directory --owner fleet --group fleet --mode 0700 /data /shared
COPY --from=build /opt/skill-fleet /opt/skill-fleet
ENV PATH=/opt/skill-fleet/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SKILL_FLEET_DATA_DIR=/data \
    SKILL_FLEET_SHARED_DIR=/shared \
    SKILL_FLEET_LOG_FORMAT=json
USER fleet
VOLUME ["/data", "/shared"]
EXPOSE 8765 9464
ENTRYPOINT ["skill-fleet"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8765"]
