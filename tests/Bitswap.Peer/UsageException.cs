namespace Bitswap.Peer;

/// <summary>The command line is wrong.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    public const string Usage = """
        A console Bitswap peer, for interop and speed runs.

          provide [--listen MA] [--size N] [--count N] [--seed S] [--cids FILE] [--cidv0] [--store memory|DIR] [--protocol LIST] [--stdin]
              Serves generated blocks. The first line on stdout is JSON: addr, peer. Ends on SIGTERM or Ctrl+C, and with --stdin
              when standard input closes; then prints its statistics.
          get --peer MA[,MA] --cids FILE [--parallel session|one|N] [--timeout S] [--protocol LIST] [--warmup N]
              Fetches the CIDs of FILE, one a line, and prints a line of JSON. Exit code 2 when some did not come.
          share PATH... [--listen MA] [--seedkey TEXT] [--cids FILE] [--stdin]
              Serves files and folders as UnixFS. The first line on stdout is JSON: addr, peer, roots, blocks; FILE gets the CIDs of all blocks.
              The same TEXT makes the same peer id.
          save --peer MA --cid CID --to FOLDER [--warmup CID] [--timeout S] [--discard]
              Saves a file or folder into FOLDER, which is there, and prints a line of JSON; the file of --warmup first, untimed. With
              --discard the node holds no blocks in memory.
          add --to DIR [--chunk N]
              Adds standard input to the repository DIR as one file in chunks of N bytes, and prints a line of JSON: cid.
          kill [--count N] [--seed N]
              Kills a process N times (20) at random moments, which adds, imports, saves, clears and pins in one repository, and looks each
              time whether all that was acknowledged is there and whole. A line of JSON a kill, and one at the end. What is lost or torn ends
              it with exit code 1 and is told on stderr, with the seed.
          churn --to DIR --saves FOLDER --peer MA --trees CID,CID [--seed N]
              The process that kill kills.
          demo [FILE]
              Moves a file between two nodes over loopback.

        LIST is of 1.2.0, 1.1.0, 1.0.0 and unversioned, in order of preference.
        """;
}
