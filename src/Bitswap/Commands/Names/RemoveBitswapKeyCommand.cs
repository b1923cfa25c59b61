using System.Management.Automation;
using Bitswap.Completion;
using Bitswap.Node.Names;
using Bitswap.Node.Repositories;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Removes keys for good. Their names can never be published again, unless the keys were copied; the last records stay valid for as long as they say.</summary>
[Cmdlet(VerbsCommon.Remove, "BitswapKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BitswapKey))]
public sealed class RemoveBitswapKeyCommand : NodeCmdlet
{
    /// <summary>The names of the keys. The node's own key, self, cannot be removed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(KeyCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Does not ask before each key.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the keys that were removed, but for one whose file held no key.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (string name in Name)
        {
            if (IsAgreed($"{name} in {node.Name}")
                && TryAwait(async token => await node.Host.NamePublisher.RemoveKeyAsync(name, token).ConfigureAwait(false), name, out (NamedKey? Key, PublishedName? Published) removed)
                && PassThru && removed.Key is { } key)
            {
                WriteObject(new BitswapKey(key, removed.Published, node));
            }
        }
    }

    // -WhatIf and -Confirm are heeded with -Force, too
    private bool IsAgreed(string target)
    {
        bool isToBeShown = MyInvocation.BoundParameters.ContainsKey("Confirm")
            || (MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? said) ? said is SwitchParameter { IsPresent: true } : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference")));
        return (Force && !isToBeShown) || ShouldProcess(target, "Remove key for good");
    }
}
