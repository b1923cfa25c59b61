using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Node.Names;
using Bitswap.Node.Repositories;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Publishes what an IPNS name stands for: signs a record with a key of the node, and puts it to the routers and the DHT of the node, which does so again before it expires.</summary>
[Cmdlet(VerbsData.Publish, "BitswapName", SupportsShouldProcess = true)]
[OutputType(typeof(BitswapPublishedName))]
public sealed class PublishBitswapNameCommand : NodeCmdlet
{
    private const double Minute = 60;
    private const double Year = 31_536_000;

    /// <summary>What the name is to stand for: a CID, a path such as cid/a or /ipfs/cid/a, another name such as /ipns/name, or an object that has a CID.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Cid", "Path")]
    [SingleValue]
    [ArgumentCompleter(typeof(ContentCompleter))]
    public CidArgument Value { get; set; } = null!;

    /// <summary>The name of the key that signs, whose hash is the IPNS name; the node's own, self, by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(KeyCompleter))]
    public string Key { get; set; } = KeyStore.Self;

    /// <summary>How long the record is valid: 48h, 2d, a TimeSpan, or a number of seconds; 48 hours by default.</summary>
    [Parameter]
    [Duration(Minute, Year)]
    public TimeSpan Lifetime { get; set; } = NamePublisher.DefaultLifetime;

    /// <summary>How long others may use the record without asking again: 5m, a TimeSpan, or a number of seconds; 5 minutes by default.</summary>
    [Parameter]
    [Duration(0, Year)]
    public TimeSpan Ttl { get; set; } = NamePublisher.DefaultTtl;

    /// <summary>How many seconds it may take, 120 by default; 0 is no limit. Those who have not answered by then count as refusing.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 86_400.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 120;

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        if (TryAwait(_ => ValueTask.FromResult(Value.ReadName()?.ToString() ?? Value.ResolvePath().ToString()), Value.ToString(), out string value)
            && ShouldProcess($"{Key} of {node.Name}", $"Publish that its name stands for {value}")
            && TryAwait(
                async token => await node.Host.NamePublisher.PublishAsync(Key, value, Lifetime, Ttl, TimeLimit.From(TimeoutSeconds), token).ConfigureAwait(false), Key, out Publication result))
        {
            WriteObject(new BitswapPublishedName(result, node));
        }
    }
}
