using Bitswap.Benchmarks;

return args switch
{
    ["bare-serve", string size, string count] => await BareServer.RunAsync(int.Parse(size), int.Parse(count)),
    ["bare-get", string port, string size, string count] => await BareClient.RunAsync(int.Parse(port), int.Parse(size), int.Parse(count)),
    ["speed", .. string[] rest] => await SpeedRun.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Speed of this engine at both ends of a loopback line, in two processes, beside what the machine's own primitives allow.

          speed [--rounds N] [--only NAME] [--peer Bitswap.Peer.dll]
              1 MiB, 256 KiB and 1 KiB blocks, and one 4 KiB block after another (default: 3 rounds)

        Run it in Release: dotnet run -c Release --project tests/Bitswap.Benchmarks -- speed

        A second of transfer has half a second of compiling in it. To measure the engine and not the compiler, compile the peer ahead:
          dotnet publish tests/Bitswap.Peer -c Release -r linux-x64 --no-self-contained -p:PublishReadyToRun=true -o bin/peer
        and give it as --peer bin/peer/Bitswap.Peer.dll.
        """);
    return 64;
}
