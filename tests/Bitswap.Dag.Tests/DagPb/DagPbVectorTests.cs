using Bitswap.Dag.DagPb;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.DagPb;

/// <summary>The published blocks; the name of each file is its CID.</summary>
public sealed class DagPbVectorTests
{
    [Fact]
    public void Every_published_block_decodes_and_encodes_to_its_cid()
    {
        string[] files = Directory.GetFiles(SharedData.Vector("dag-pb"), "*.dag-pb");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] block = File.ReadAllBytes(file);
            var cid = Cid.Parse(Path.GetFileNameWithoutExtension(file));
            Assert.True(cid.Hash.Matches(block), file);
            DagPbNode node = DagPbNode.Decode(block);
            Assert.Equal(Convert.ToHexStringLower(block), Convert.ToHexStringLower(node.ToByteArray()));
        }
    }
}
