using Bitswap.Hostile;

// what a run starts of itself comes first: a node to attack, and attackers in a process of their own
return args switch
{
    ["node"] => await VictimNode.RunAsync(),
    ["attack", string name, string address, string count] => await AttackCommand.RunAsync(name, Bitswap.Multiaddr.Parse(address), int.Parse(count)),
    ["list"] => List(),
    ["run", .. string[] rest] => await RunCommand.RunAsync(rest),
    _ => Usage(),
};

static int List()
{
    foreach (Attack attack in Attack.All)
    {
        Console.WriteLine($"{attack.Name,-26} {attack.Summary}");
    }

    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("""
        run [ATTACK] [--attackers 2,8,64] [--seconds 4]   measures one attack, or all; part of a name is enough
        list                                              names them
        """);
    return 64;
}
