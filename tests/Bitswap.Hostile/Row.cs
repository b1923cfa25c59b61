using System.Globalization;

namespace Bitswap.Hostile;

/// <summary>A line of the table: an attack, a number of attackers, and what came of it.</summary>
/// <param name="Name">The attack.</param>
/// <param name="Attackers">How many.</param>
/// <param name="Control">The transfer without them.</param>
/// <param name="Attacked">The transfer beside them.</param>
/// <param name="Share">What equal peers would have of the rate.</param>
/// <param name="Load">What the attacked process needed.</param>
/// <param name="ControlCpu">What the transfer needed without attackers, at both ends, in cores.</param>
/// <param name="AttackCpu">What the attackers needed, in cores.</param>
internal sealed record Row(string Name, int Attackers, TransferResult Control, TransferResult Attacked, double Share, Load Load, double ControlCpu, double AttackCpu)
{
    public static string Heads { get; } =
        $"{"attack",-25} {"attackers",9} {"control",12} {"attacked",12} {"kept",6} {"fair",6} {"of fair",7} {"share",6} {"refused",7} {"memory",9} {"after",9} {"in use",8} {"after",8} {"control CPU",11} {"node CPU",9} {"attack CPU",10}";

    /// <summary>
    /// The part of the control's rate that the cores allow beside the attackers, which run on the same machine: what these leave of the cores, by what the transfer needed alone.
    /// </summary>
    public double Fair => Math.Clamp((Environment.ProcessorCount - AttackCpu) / Math.Max(ControlCpu, 0.01), 0.01, 1);

    private double Kept => Attacked.Rate / Control.Rate;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-25} {Attackers,9} {Mebi(Control.Rate),6:F1} MiB/s {Mebi(Attacked.Rate),6:F1} MiB/s {Kept,6:P0} {Fair,6:P0} {Kept / Fair,7:P0} {Share,6:P0} {Attacked.Breaks,7} {Mebi(Load.Peak),5:F0} MiB {Mebi(Load.After),5:F0} MiB {InUse(Load.InUse),8} {InUse(Load.InUseAfter),8} {ControlCpu,11:P0} {Load.Cpu,9:P0} {AttackCpu,10:P0}")
        + (Attacked.Reason is { } reason ? $"\n    the last refusal: {reason}" : "");

    // a node that fetches is not asked
    private static string InUse(long bytes) => bytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Mebi(bytes):F0} MiB");

    private static double Mebi(double bytes) => bytes / (1 << 20);
}
