using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.Walk;
using Bitswap.Node;
using Bitswap.Node.Blockstores;

namespace Bitswap.Peer;

/// <summary>Serves files and folders, as UnixFS, until it is told to stop.</summary>
internal static class ShareCommand
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        if (arguments.Rest.Count == 0)
        {
            throw new UsageException("share what?");
        }

        MemoryBlockstore store = new();
        await using (store)
        {
            // before anybody can ask: who comes back must not deny what it is about to have
            (List<string> roots, List<string> blocks) = await AddAsync(store, arguments.Rest);
            if (arguments.Has("--cids"))
            {
                await File.WriteAllLinesAsync(arguments.Required("--cids"), blocks);
            }

            NodeOptions options = new() { Blockstore = store, ListenAddresses = [Multiaddr.Parse(arguments.Text("--listen", "/ip4/127.0.0.1/tcp/0"))] };
            if (arguments.Has("--seedkey"))
            {
                options = options.WithIdentitySeed(SHA256.HashData(Encoding.UTF8.GetBytes(arguments.Required("--seedkey"))));
            }

            await using NodeHost node = await NodeHost.StartAsync(options);
            Console.WriteLine(JsonSerializer.Serialize(new { addr = node.Addresses[0].ToString(), peer = node.PeerId.ToString(), roots, blocks = blocks.Count }));
            await ProvideCommand.UntilToldAsync(arguments.Has("--stdin"));
            return 0;
        }
    }

    private static async Task<(List<string> Roots, List<string> Blocks)> AddAsync(MemoryBlockstore store, List<string> paths)
    {
        // the writer's memory is the importer's again, so the store gets its own
        using UnixFsImporter importer = new(new UnixFsImportOptions(), (cid, data, token) => store.PutAsync(cid, data.ToArray(), token));
        List<string> roots = [];
        List<string> blocks = [];
        foreach (string path in paths)
        {
            Cid root = (await importer.ImportAsync(path)).Cid;
            roots.Add(root.ToString());
            await foreach (DagWalkItem item in new DagWalker(async (cid, token) => (await store.GetAsync(cid, token))!.Value).WalkAsync([root]))
            {
                blocks.Add(item.Cid.ToString());
            }
        }

        return (roots, blocks);
    }
}
