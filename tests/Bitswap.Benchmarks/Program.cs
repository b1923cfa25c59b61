using Bitswap.Benchmarks;

return args switch
{
    ["bare-serve", string size, string count] => await BareServer.RunAsync(int.Parse(size), int.Parse(count)),
    ["bare-get", string port, string size, string warmup, string count] =>
        await BareClient.RunAsync(int.Parse(port), int.Parse(size), int.Parse(warmup), int.Parse(count)),
    ["speed", .. string[] rest] => await SpeedRun.RunAsync(rest),
    ["files", .. string[] rest] => await FilesRun.RunAsync(rest),
    ["engine", .. string[] rest] => EngineRun.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Speed of this engine at both ends of a loopback line, in two processes, beside what the machine's own primitives allow.

          speed [--rounds N] [--only NAME] [--cold] [--peer Bitswap.Peer.dll]
              1 MiB, 256 KiB and 1 KiB blocks, and one 4 KiB block after another (default: 3 rounds)
          files [--rounds N] [--size MIB]
              a file of 256 MiB saved from another process, beside the fetch of its blocks alone (default: 3 rounds)
          engine [--keep]
              the engine alone: blocks a second and bytes allocated a block, each side's own, beside the figures in engine-baseline.json; --keep writes them

        Both ends of both lines are warmed up by blocks that are not timed, since a second of transfer in a new process has half a second of
        compiling in it. --cold leaves that out and shows the first second of a process' life.

        Run it in Release: dotnet run -c Release --project tests/Bitswap.Benchmarks -- speed
        """);
    return 64;
}
