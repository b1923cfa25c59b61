using Bitswap.Dag.Car;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.Walk;
using Microsoft.AspNetCore.Http;

namespace Bitswap.Node.Tests.Support;

/// <summary>The CARs of a gateway of the tests: of what it has, depth first and each block once, unless a test says otherwise.</summary>
internal sealed class TestCars
{
    /// <summary>Gets or sets the type that it says they are of; null for none.</summary>
    public string? Type { get; set; } = "application/vnd.ipld.car; version=1; order=dfs; dups=n";

    /// <summary>Gets or sets what it makes of the blocks before it sends them.</summary>
    public Func<IReadOnlyList<Block>, IEnumerable<Block>> Arrange { get; set; } = static blocks => blocks;

    /// <summary>Gets or sets the root of the header; null for the one that was asked for.</summary>
    public Cid? Root { get; set; }

    /// <summary>Gets or sets after how many blocks it breaks the connection off, in the middle of the next; null for never.</summary>
    public int? BreaksAfter { get; set; }

    /// <summary>Gets or sets what it waits for before it sends a block, by the number of that.</summary>
    public Func<int, CancellationToken, Task> Before { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>Gets how many blocks it has sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Returns the bytes of a CAR.</summary>
    public static byte[] Write(Cid root, IEnumerable<Block> blocks)
    {
        MemoryStream car = new();
        CarWriter writer = CarWriter.CreateAsync(car, [root], leaveOpen: true).AsTask().GetAwaiter().GetResult();
        foreach (Block block in blocks)
        {
            car.Write(Section(block));
        }

        GC.KeepAlive(writer);
        return car.ToArray();
    }

    /// <summary>Answers a request for a CAR.</summary>
    public async Task ServeAsync(HttpContext context, Cid root, IReadOnlyDictionary<string, byte[]> blocks)
    {
        if (!blocks.ContainsKey(root.ToString()))
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.ContentType = Type;
        if (BreaksAfter is not null)
        {
            // Ends the connection after what was sent, where an abort might lose some of that.
            context.Response.ContentLength = long.MaxValue;
        }

        Stream body = context.Response.Body;
        await body.WriteAsync(Write(Root ?? root, []));
        int sent = 0;
        foreach (Block block in Arrange(await BlocksOfAsync(context.Request.Query, root, blocks)))
        {
            await Before(sent, context.RequestAborted);
            byte[] section = Section(block);
            if (sent++ == BreaksAfter)
            {
                await body.WriteAsync(section.AsMemory(0, section.Length / 2));
                await body.FlushAsync();
                return;
            }

            await body.WriteAsync(section, context.RequestAborted);
            Sent = sent;
        }
    }

    private static async Task<IReadOnlyList<Block>> BlocksOfAsync(IQueryCollection query, Cid root, IReadOnlyDictionary<string, byte[]> blocks)
    {
        List<Block> all = [];
        await foreach (DagWalkItem item in new DagWalker((cid, _) => new(blocks[cid.ToString()])).WalkAsync([root]))
        {
            all.Add(new Block(item.Cid, item.Data));
        }

        if (query["dag-scope"] is not ["entity"])
        {
            return all;
        }

        // The blocks that a reader of the entity, or of a range of it, reads.
        HashSet<Cid> read = [];
        string[] ends = query["entity-bytes"] is [{ } range] ? range.Split(':') : ["0", "*"];
        long from = long.Parse(ends[0]);
        UnixFsReader reader = new((cid, _) =>
        {
            lock (read)
            {
                read.Add(cid);
            }

            return new(blocks[cid.ToString()]);
        });
        bool isFile = true;
        await foreach (UnixFsEntry entry in reader.ListAsync(root, recurse: false))
        {
            isFile &= entry.Type == UnixFsEntryType.File && entry.Depth == 0;
            if (entry.Depth > 0)
            {
                read.Remove(entry.Cid);
            }
        }

        if (isFile)
        {
            await foreach (ReadOnlyMemory<byte> _ in reader.ReadAsync(root, from, ends[1] == "*" ? null : long.Parse(ends[1]) - from + 1))
            {
            }
        }

        return [.. all.Where(block => read.Contains(block.Cid))];
    }

    private static byte[] Section(Block block)
    {
        byte[] cid = block.Cid.Bytes.ToArray();
        List<byte> length = [];
        for (int rest = cid.Length + block.Data.Length; ; rest >>= 7)
        {
            length.Add((byte)(rest < 128 ? rest : (rest & 127) | 128));
            if (rest < 128)
            {
                return [.. length, .. cid, .. block.Data.Span];
            }
        }
    }
}
