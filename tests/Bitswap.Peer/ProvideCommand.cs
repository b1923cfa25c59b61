using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bitswap.Node;
using Bitswap.Node.Blockstores;

namespace Bitswap.Peer;

/// <summary>Serves generated blocks until it is told to stop.</summary>
internal static class ProvideCommand
{
    // the last bound of a distribution is infinite
    private static readonly JsonSerializerOptions _statOptions = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static async Task<int> RunAsync(Arguments arguments)
    {
        string where = arguments.Text("--store", "memory");
        IBlockstore store = where == "memory" ? new MemoryBlockstore() : new FlatFileBlockstore(where);
        await using (store)
        {
            await using NodeHost node = await NodeHost.StartAsync(new NodeOptions
            {
                Blockstore = store,
                ListenAddresses = [Multiaddr.Parse(arguments.Text("--listen", "/ip4/127.0.0.1/tcp/0"))],
                ProtocolVersions = arguments.Versions(),
            });
            await FillAsync(node, arguments);
            Console.WriteLine(JsonSerializer.Serialize(new { addr = node.Addresses[0].ToString(), peer = node.PeerId.ToString() }));
            await UntilToldAsync(arguments.Has("--stdin"));
            Console.WriteLine(JsonSerializer.Serialize(await node.GetStatAsync(), _statOptions));
            return 0;
        }
    }

    private static async Task FillAsync(NodeHost node, Arguments arguments)
    {
        List<string> cids = [];
        for (int i = 0; i < arguments.Number("--count", 256); i++)
        {
            byte[] data = TestBlocks.Data(arguments.Text("--seed", "1"), i, arguments.Number("--size", 1 << 20));
            Cid cid = TestBlocks.CidOf(data, arguments.Has("--cidv0"));
            await node.PutBlockAsync(cid, data);
            cids.Add(cid.ToString());
        }

        if (arguments.Has("--cids"))
        {
            await File.WriteAllLinesAsync(arguments.Required("--cids"), cids);
        }
    }

    /// <summary>Waits for SIGTERM or Ctrl+C, and where it is asked for, for the end of standard input.</summary>
    public static async Task UntilToldAsync(bool standardInput)
    {
        TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            told.TrySetResult();
        }

        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await (standardInput ? Task.WhenAny(told.Task, Console.In.ReadToEndAsync()) : told.Task);
    }
}
