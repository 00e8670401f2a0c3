# Any image with glibc and Python 3.11 to 3.14 will do; pin a digest here for builds that can be repeated to the byte.
ARG PYTHON_IMAGE=python:3.13-slim-trixie

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python3 -m venv /opt/build \
    && /opt/build/bin/python -m pip --quiet install --require-hashes -r requirements/build.txt
RUN python3 -m venv --without-pip /opt/glint \
    && /opt/build/bin/python -m pip --quiet --python /opt/glint/bin/python install --require-hashes -r requirements/runtime.txt
COPY pyproject.toml ./
COPY app app
COPY migrations migrations
RUN /opt/build/bin/python -m pip --quiet wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/build/bin/python -m pip --quiet --python /opt/glint/bin/python install --no-deps --no-index dist/*.whl

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 glint \
    && useradd --no-log-init --uid 10001 --gid glint --home-dir /var/lib/glint --no-create-home --shell /usr/sbin/nologin glint \
    && install --directory --owner glint --group glint --mode 0700 /var/lib/glint
COPY --from=build /opt/glint /opt/glint
ENV PATH="/opt/glint/bin:${PATH}" PYTHONUNBUFFERED=1 GLINT_DATA_DIR=/var/lib/glint
WORKDIR /var/lib/glint
VOLUME /var/lib/glint
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8080
# Whether the process answers. That its database does is /readyz, which is for load balancers: restarting Glint would not mend a database.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python3", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8080, timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["glint"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
