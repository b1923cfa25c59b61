BeforeDiscovery {
    . "$PSScriptRoot/Common.ps1"
    $types = (Get-Module Bitswap).ExportedCmdlets.Values.OutputType.Type | Where-Object Namespace -EQ 'Bitswap' | Sort-Object -Unique FullName |
        ForEach-Object { @{ Name = $_.Name; Type = $_ } }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $width = 100
    $pair = New-NodePair
    $block = 'a block' | Add-BitswapBlock -Node $pair.Provider
    $null = Get-BitswapBlock $block.Cid -Node $pair.Client
    $want = New-UnknownCid | Start-BitswapWant -Node $pair.Client

    function Get-Table([type] $Type) {
        (Get-FormatData -TypeName $Type.FullName).FormatViewDefinition | Where-Object { $_.Control -is [Management.Automation.TableControl] } | Select-Object -First 1
    }

    # An object of a type whose every property holds the largest there is: what the widest row looks like.
    function New-Worst([type] $Type) {
        $object = [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($Type)
        foreach ($field in $Type.GetFields([Reflection.BindingFlags] 'Instance, NonPublic, Public')) {
            $of = [Nullable]::GetUnderlyingType($field.FieldType) ?? $field.FieldType
            $value = switch ($of.FullName) {
                'System.String' { 'W' * 300 }
                'System.Boolean' { $true }
                'System.Int32' { [int]::MaxValue }
                'System.Int64' { 1TB - 1 }
                'System.UInt64' { [ulong] (1TB - 1) }
                'System.Double' { [double] (1TB - 1) }
                'System.TimeSpan' { [timespan]::new(99, 23, 59, 59, 999) }
                'System.DateTimeOffset' { [DateTimeOffset]::new(2026, 12, 31, 23, 59, 59, 999, [timespan]::Zero) }
                'System.DateTime' { [datetime]::new(2026, 12, 31, 23, 59, 59) }
                'Bitswap.Cid' { $block.Cid }
                'Bitswap.PeerId' { $pair.Provider.PeerId }
                'Bitswap.Multiaddr' { $pair.Provider.Addresses[0] }
                'Bitswap.BitswapNode' { $pair.Provider }
                default { $null }
            }
            if ($null -ne $value) {
                $field.SetValue($object, $value)
            }
        }

        $object
    }


    function ConvertTo-Line([scriptblock] $Script) {
        & $Script | Out-String -Stream -Width $width | ForEach-Object { $_ -replace '\e\[[0-9;]*m' } | Where-Object { $_.Trim() }
    }
}
AfterAll { Clear-Nodes }

Describe 'The view of <Name>' -ForEach $types {
    It 'is there, as a table or a list' {
        $controls = (Get-FormatData -TypeName $Type.FullName).FormatViewDefinition.Control
        @($controls | Where-Object { $_ -is [Management.Automation.TableControl] -or $_ -is [Management.Automation.ListControl] }) | Should -Not -BeNullOrEmpty
    }

    It 'is a table that fits 100 columns, where it is one' {
        if ($view = Get-Table $Type) {
            $headers = $view.Control.Headers
            $sum = ($headers | ForEach-Object { $_.Width ? $_.Width : [Math]::Max($_.Label.Length, 10) } | Measure-Object -Sum).Sum + $headers.Count - 1
            $sum | Should -BeLessOrEqual $width
            @($headers | Where-Object Width -EQ 0).Count | Should -BeLessOrEqual 1 -Because 'one column alone may take what is left'
        }
    }

    It 'has room for sizes, times and shortened CIDs' {
        if ($view = Get-Table $Type) {
            for ($i = 0; $i -lt $view.Control.Headers.Count; $i++) {
                $header = $view.Control.Headers[$i]
                $least = switch -Regex ($view.Control.Rows[0].Columns[$i].DisplayEntry.Value) {
                    '\]::Bytes\(' { 10; break }
                    '\]::Time\(' { 9; break }
                    '\]::Short\(' { 19; break }
                    default { 0 }
                }
                if ($header.Width) { $header.Width | Should -BeGreaterOrEqual $least -Because $header.Label }
            }
        }
    }

    It 'shows the largest values within 100 columns and loses no column' {
        $worst = New-Worst $Type
        if ($view = Get-Table $Type) {
            $lines = ConvertTo-Line { $worst | Format-Table -View $view.Name }
            $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
            foreach ($header in $view.Control.Headers) { $lines[0] | Should -Match ([regex]::Escape($header.Label)) }
            ($lines -join "`n") | Should -Not -Match 'W{101}'
        }
        else {
            ConvertTo-Line { $worst | Format-List } | Should -Not -BeNullOrEmpty
        }
    }
}

Describe 'What is seen of <Name>' -ForEach @(
    @{ Name = 'nodes'; Script = { Get-BitswapNode } }
    @{ Name = 'blocks'; Script = { $block } }
    @{ Name = 'fetched blocks'; Script = { Get-BitswapBlock $block.Cid -Node $pair.Client } }
    @{ Name = 'peers'; Script = { Get-BitswapPeer -Node $pair.Client } }
    @{ Name = 'pings'; Script = { Test-BitswapPeer $pair.Provider -Node $pair.Client -Count 1 } }
    @{ Name = 'ledgers'; Script = { Get-BitswapLedger -Node $pair.Client } }
    @{ Name = 'wants'; Script = { $want } }
    @{ Name = 'wantlists'; Script = { Get-BitswapWantlist -Node $pair.Client } }
    @{ Name = 'CIDs'; Script = { Get-BitswapCid -Cid $block.Cid } }
    @{ Name = 'answers'; Script = { Test-BitswapBlock $block.Cid -Node $pair.Client -Peer $pair.Provider -Detailed } }
    @{ Name = 'providers'; Script = { $there = 'a block to find' | Add-BitswapBlock -Node $pair.Provider; Find-BitswapProvider $there.Cid -Node $pair.Client } }
    @{ Name = 'counters'; Script = { Get-BitswapStat -Node $pair.Client } }
    @{ Name = 'graphs'; Script = { Show-BitswapDag $block.Cid -Node $pair.Client } }
    @{ Name = 'samples'; Script = { Show-BitswapNode $pair.Client -Count 1 -AsObject } }
) {
    It 'has no error in a cell, and fits' {
        $objects = @(& $Script)
        $objects | Should -Not -BeNullOrEmpty
        if (Get-Table $objects[0].GetType()) {
            $lines = ConvertTo-Line { $objects | Format-Table -DisplayError }
            $lines | Should -Not -Match '#ERR'
            $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
        }

        ConvertTo-Line { $objects | Format-List -DisplayError } | Should -Not -Match '#ERR'
        ConvertTo-Line { $objects | Format-Wide } | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
    }
}
