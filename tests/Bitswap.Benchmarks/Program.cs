using Bitswap.Benchmarks;

return args switch
{
    ["bare-serve", string size, string count] => await BareServer.RunAsync(int.Parse(size), int.Parse(count)),
    ["bare-get", string port, string size, string warmup, string count] =>
        await BareClient.RunAsync(int.Parse(port), int.Parse(size), int.Parse(warmup), int.Parse(count)),
    ["speed", .. string[] rest] => await SpeedRun.RunAsync(rest),
    ["import-once", string way, string warmup, string file, string folder, string profile] =>
        await ImportOnce.RunAsync(way, warmup, file, folder, profile),
    ["touch-memory", string bytes] => MemoryTouch.Run(long.Parse(bytes)),
    ["import", .. string[] rest] => await ImportRun.RunAsync(rest),
    ["far", .. string[] rest] => await FarRun.RunAsync(rest),
    ["files", .. string[] rest] => await FilesRun.RunAsync(rest),
    ["car-serve", string size, string chunk, string rate] => await CarServer.RunAsync(int.Parse(size), int.Parse(chunk), int.Parse(rate)),
    ["car", .. string[] rest] => await CarRun.RunAsync(rest),
    ["shell", .. string[] rest] => await ShellRun.RunAsync(rest),
    ["crowd", .. string[] rest] => await CrowdRun.RunAsync(rest),
    ["engine", .. string[] rest] => EngineRun.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Speed of this engine at both ends of a loopback line, in two processes, beside what the machine's own primitives allow.

          speed [--rounds N] [--only NAME] [--cold] [--peer Bitswap.Peer.dll]
              1 MiB, 256 KiB and 1 KiB blocks, and one 4 KiB block after another (default: 3 rounds)
          far [--rounds N] [--only small|large|folder] [--round-trip MS,MS] [--rate MIB]
              through a proxy that delays each way, with the bare line through the same proxy beside it: 1 000 blocks of 1 KiB; 256 of 1 MiB at a rate of 100 MiB/s;
              a folder of 1 000 files in 100 folders, saved, beside the same without delay (default: 3 rounds at round trips of 40 and 100 ms)
          files [--rounds N] [--size MIB]
              a file of 256 MiB saved from another process, beside the fetch of its blocks alone (default: 3 rounds)
          import [--rounds N] [--size BYTES] [--profile NAME] [--hash-only | --ways hash,memory,flat] [--folder FOLDER] [--touch BYTES] [--cold]
              a file of 1 GiB hashed, and added to a store in memory and on the disk, beside sha256sum, openssl and a flushed copy of it
              (default: 3 rounds; all ways, and not into memory above 4 GiB). What is written goes to a folder of the temporary folder, or of FOLDER.
              Before what writes, a process takes and gives back memory: six times the file, a third of the machine's at most, or BYTES
          car [--rounds N] [--size MIB] [--chunk KIB] [--rate MIB]
              the CAR of a file, by a node from a gateway in another process, verified, beside curl and HttpClient that take the same bytes (default: 5 rounds of 256 MiB in 1 MiB); with
              --rate over a line of so many MiB a second
          shell [--rounds N]
              what the import, and a first block, cost a new PowerShell process, beside one that imports an empty module (default: 7 rounds)
          crowd [--getters N] [--size MIB] [--rate MIB]
              a file of one node saved by many, connected to that one alone and then to each other too, each of which sends at a bounded rate (default: 30 of 16 MiB at 8 MiB/s)
          engine [--keep]
              the engine alone: blocks a second and bytes allocated a block, each side's own, beside the figures in engine-baseline.json; --keep writes them

        Both ends of both lines are warmed up by blocks that are not timed, since a second of transfer in a new process has half a second of
        compiling in it. --cold leaves that out and shows the first second of a process' life.

        Run it in Release: dotnet run -c Release --project tests/Bitswap.Benchmarks -- speed
        """);
    return 64;
}
