using Bitswap.Node;

namespace Bitswap.Peer.Kills;

/// <summary>The process that a kill run ends: it does to a repository what users do, several things at a time, until it is killed.</summary>
internal static class ChurnCommand
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(Arguments arguments)
    {
        // on a machine that is busy with other things a dial may take its time
        NodeOptions options = new()
        {
            Path = arguments.Required("--to"),
            ListenAddresses = [],
            StorageMax = arguments.Number("--storage-max", 0),
            ConfigureHost = host => host with { DialTimeout = _patience, HandshakeTimeout = _patience, NegotiationTimeout = _patience },
        };
        await using NodeHost node = await NodeHost.StartAsync(options);
        await node.ConnectAsync([Multiaddr.Parse(arguments.Required("--peer"))]);
        Churn churn = new(node, isBounded: options.StorageMax > 0);
        int seed = arguments.Number("--seed", 1);
        Cid[] trees = [.. arguments.Required("--trees").Split(',').Select(Cid.Parse)];
        Console.WriteLine(KillWords.Ready);

        // one that fails ends the process, which the kill run reports; so does the end of the kill run
        Task ended = await Task.WhenAny(
            churn.FillAsync(new Random(seed)),
            churn.PinAsync(new Random(seed + 1)),
            churn.SaveAsync(new Random(seed + 2), trees, arguments.Required("--saves")),
            Console.In.ReadToEndAsync());
        await ended;
        return 0;
    }
}
