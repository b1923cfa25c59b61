using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests.UnixFs.Import;

/// <summary>An import makes no block that no peer could be sent.</summary>
public sealed class BlockSizeTests
{
    [Fact]
    public async Task A_directory_in_one_block_that_is_larger_than_a_message_is_refused()
    {
        List<Cid> written = [];
        UnixFsImportOptions options = new() { Profile = UnixFsProfile.V1_2025 with { DirectorySizeRule = DirectorySizeRule.Unsharded } };
        using UnixFsImporter importer = new(options, (cid, data, _) =>
        {
            Assert.InRange(data.Length, 0, BlockRule.MaxSize(cid));
            written.Add(cid);
            return ValueTask.CompletedTask;
        });
        UnixFsImport file = await importer.ImportAsync(new MemoryStream([1]));
        KeyValuePair<string, UnixFsImport>[] entries = [.. Enumerable.Range(0, 20_000).Select(i => KeyValuePair.Create($"{i:D200}", file))];

        DagException refused = await Assert.ThrowsAsync<DagException>(() => importer.WrapAsync(entries));

        Assert.Equal(DagErrorIds.BlockTooLarge, refused.ErrorId);
        Assert.Contains("over the limit of 4194286", refused.Message);
        Assert.DoesNotContain(refused.Cid, written);
        Assert.Contains((await importer.WrapAsync(entries[..15_000])).Cid, written);
    }
}
