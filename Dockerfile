# Grades inside a Linux container: for macOS, Windows, and machines where nothing else isolates.
#   docker build -t convlab .
#   docker run --rm --network none -v "$PWD:/work" convlab grade submissions/ --out results
FROM python:3.11-slim

COPY pyproject.toml setup.py constraints.txt README.md LICENSE /opt/convlab/
COPY autograder /opt/convlab/autograder
COPY assignment /opt/convlab/assignment
COPY solutions /opt/convlab/solutions
COPY examples/tinylab /opt/convlab/examples/tinylab

# The plain torch of PyPI brings gigabytes of CUDA; this index has builds for the CPU alone.
RUN pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu \
        -c /opt/convlab/constraints.txt -e '/opt/convlab[report]' \
    && chmod -R go= /opt/convlab

WORKDIR /work
ENTRYPOINT ["convlab"]
CMD ["doctor"]
