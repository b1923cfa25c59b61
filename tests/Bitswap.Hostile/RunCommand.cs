using System.Diagnostics;
using System.Globalization;

namespace Bitswap.Hostile;

/// <summary>
/// Measures attacks: a node, an honest transfer from it alone as the control, then the same while it is attacked, each in processes of their own. One row an attack and a number
/// of attackers.
/// </summary>
internal static class RunCommand
{
    private static readonly TimeSpan _begins = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _sampling = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _settles = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] arguments)
    {
        TimeSpan time = TimeSpan.FromSeconds(double.Parse(Option(arguments, "--seconds", "4"), CultureInfo.InvariantCulture));
        int[] counts = [.. Option(arguments, "--attackers", "2,8,64").Split(',').Select(int.Parse)];
        Attack[] attacks = Attack.Find(arguments is [{ } name, ..] && !name.StartsWith("--", StringComparison.Ordinal) ? name : "");
        if (attacks.Length == 0)
        {
            Console.Error.WriteLine("There is no such attack; `list` names them.");
            return 64;
        }

        Cid[] cids = HonestBlocks.Cids(HonestBlocks.Count);
        Console.WriteLine($"{"attack",-25} {"attackers",9} {"control",12} {"attacked",12} {"kept",6} {"share",6} {"memory",9} {"after",9} {"node CPU",9} {"attack CPU",10}");
        foreach (Attack attack in attacks)
        {
            foreach (int count in counts)
            {
                await MeasureAsync(attack, count, cids, time);
            }
        }

        return 0;
    }

    private static async Task MeasureAsync(Attack attack, int count, Cid[] cids, TimeSpan time)
    {
        await using ChildProcess node = await ChildProcess.StartAsync("node");
        Multiaddr target = Multiaddr.Parse(node.Ready);
        await Transfer.RunAsync(target, cids, _begins);
        double control = await Transfer.RunAsync(target, cids, time);
        double attacked;
        long most = 0;
        TimeSpan nodeCpu, attackCpu;
        long started = Stopwatch.GetTimestamp();
        await using (ChildProcess attackers = await ChildProcess.StartAsync("attack", attack.Name, node.Ready, count.ToString(CultureInfo.InvariantCulture)))
        {
            await Task.Delay(_begins);
            TimeSpan before = node.Cpu;
            TimeSpan attackBefore = attackers.Cpu;
            started = Stopwatch.GetTimestamp();
            Task<double> transfer = Transfer.RunAsync(target, cids, time);
            while (!transfer.IsCompleted)
            {
                most = Math.Max(most, node.Memory);
                await Task.WhenAny(transfer, Task.Delay(_sampling));
            }

            attacked = await transfer;
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            nodeCpu = (node.Cpu - before) / seconds;
            attackCpu = (attackers.Cpu - attackBefore) / seconds;
        }

        await Task.Delay(_settles);
        string row = string.Create(
            CultureInfo.InvariantCulture,
            $"{attack.Name,-25} {count,9} {control / (1 << 20),6:F1} MiB/s {attacked / (1 << 20),6:F1} MiB/s {attacked / control,6:P0} {1.0 / (count + 1),6:P0} {most >> 20,5} MiB {node.Memory >> 20,5} MiB {nodeCpu.TotalSeconds,9:P0} {attackCpu.TotalSeconds,10:P0}");
        Console.WriteLine(row);
    }

    private static string Option(string[] arguments, string name, string otherwise)
    {
        int place = Array.IndexOf(arguments, name);
        return place >= 0 && place + 1 < arguments.Length ? arguments[place + 1] : otherwise;
    }
}
