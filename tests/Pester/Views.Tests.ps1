BeforeDiscovery {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Samples.ps1"
    $all = Get-OutputType | ForEach-Object { @{ Name = $_.Name; Type = $_ } }
    $types = (Get-Module Bitswap).ExportedCmdlets.Values.OutputType.Type | Where-Object Namespace -EQ 'Bitswap' | Sort-Object -Unique FullName |
        ForEach-Object { @{ Name = $_.Name; Type = $_ } }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Samples.ps1"
    # what a console of 80 columns has room for: a line that fills it would wrap in some
    $width = 79
    $folder = New-TemporaryFolder
    $samples = New-Sample $folder

    function Get-Table([type] $Type) {
        (Get-FormatData -TypeName $Type.FullName).FormatViewDefinition | Where-Object { $_.Control -is [Management.Automation.TableControl] } | Select-Object -First 1
    }

    # An object of a type whose every property holds the largest there is: what the widest row looks like.
    function New-Worst([type] $Type) {
        $object = [Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject($Type)
        foreach ($field in $Type.GetFields([Reflection.BindingFlags] 'Instance, NonPublic, Public')) {
            $of = [Nullable]::GetUnderlyingType($field.FieldType) ?? $field.FieldType
            $value = switch ($of.FullName) {
                'System.String' {
                    switch -Regex ($field.Name) {
                        '<(Cid|Parent|Root|From)>' { $samples.BitswapBlock.Cid; break }
                        '<(PeerId|Peer)>' { $samples.BitswapNode.PeerId; break }
                        '<Address>' { $samples.BitswapNode.Addresses[0]; break }
                        default { 'W' * 300 }
                    }
                }
                'System.Boolean' { $true }
                'System.Int32' { [int]::MaxValue }
                'System.Int64' { 1TB - 1 }
                'System.UInt64' { [ulong] (1TB - 1) }
                'System.Double' { [double] (1TB - 1) }
                'System.TimeSpan' { [timespan]::new(99, 23, 59, 59, 999) }
                'System.DateTimeOffset' { [DateTimeOffset]::new(2026, 12, 31, 23, 59, 59, 999, [timespan]::Zero) }
                'System.DateTime' { [datetime]::new(2026, 12, 31, 23, 59, 59) }
                'Bitswap.Cid' { [Bitswap.Cid] $samples.BitswapBlock.Cid }
                'Bitswap.PeerId' { [Bitswap.PeerId] $samples.BitswapNode.PeerId }
                'Bitswap.BitswapNode' { $samples.BitswapNode }
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
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'The view of <Name>' -ForEach $types {
    It 'is there, as a table or a list' {
        $controls = (Get-FormatData -TypeName $Type.FullName).FormatViewDefinition.Control
        @($controls | Where-Object { $_ -is [Management.Automation.TableControl] -or $_ -is [Management.Automation.ListControl] }) | Should -Not -BeNullOrEmpty
    }

    It 'is a table that fits 80 columns, where it is one' {
        if ($view = Get-Table $Type) {
            $headers = $view.Control.Headers
            $sum = ($headers | ForEach-Object { $_.Width ? $_.Width : [Math]::Max($_.Label.Length, 10) } | Measure-Object -Sum).Sum + $headers.Count - 1
            $sum | Should -BeLessOrEqual $width
            foreach ($header in $headers | Where-Object Width) { $header.Label.Length | Should -BeLessOrEqual $header.Width -Because "$($header.Label) would break" }
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

    It 'shows the largest values within 80 columns and loses no column' {
        $worst = New-Worst $Type
        if ($view = Get-Table $Type) {
            $lines = ConvertTo-Line { $worst | Format-Table -View $view.Name }
            $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
            foreach ($header in $view.Control.Headers) { $lines[0] | Should -Match ([regex]::Escape($header.Label)) }
            ($lines -join "`n") | Should -Not -Match 'W{80}'
        }
        else {
            ConvertTo-Line { $worst | Format-List } | Should -Not -BeNullOrEmpty
        }
    }
}

Describe 'What is seen of a <Name>' -ForEach $all {
    It 'has no error in a cell, and fits' {
        $object = $samples[$Name]
        if (Get-Table $Type) {
            $lines = ConvertTo-Line { $object | Format-Table -DisplayError }
            $lines | Should -Not -Match '#ERR'
            $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
        }

        ConvertTo-Line { $object | Format-List -DisplayError } | Should -Not -Match '#ERR'
        ConvertTo-Line { $object | Format-Wide } | ForEach-Object { $_.Length | Should -BeLessOrEqual $width }
    }

    It 'is the same when a serializer has had it' {
        $copy = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($samples[$Name], 3))
        ConvertTo-Line { $copy | Format-List -DisplayError } | Should -Not -Match '#ERR'
        if ((Get-Table $Type) -and $Name -ne 'BitswapTestNetwork') {
            # what tells the time tells another
            $still = { $args[0] -replace '\d+(\.\d+)? (ms|s|B)\b', '#' -replace ' +', ' ' }
            ConvertTo-Line { $copy | Format-Table -DisplayError } | ForEach-Object { & $still $_ } | Should -Be (ConvertTo-Line { $samples[$Name] | Format-Table } | ForEach-Object { & $still $_ })
        }
    }
}

Describe 'A table of 80 columns' {
    It 'keeps the name, the size and the CID: <Name>' -ForEach @(
        @{ Name = 'BitswapAddedFile' }
        @{ Name = 'BitswapFile' }
    ) {
        $lines = ConvertTo-Line { $samples[$Name] | Format-Table }
        $cid = $samples[$Name].Cid
        $lines[-1] | Should -Match ([regex]::Escape($cid.Substring(0, 8)) + '.*\b' + [regex]::Escape($samples[$Name].Name))
        $lines[-1] | Should -Match ([regex]::Escape($cid.Substring($cid.Length - 6)))
        $lines[-1] | Should -Match '\b\d+ B\b'
    }

    It 'has whole CIDs of blocks, to copy' {
        (ConvertTo-Line { $samples.BitswapBlock | Format-Table })[-1] | Should -Match "^$($samples.BitswapBlock.Cid) +7 B raw"
    }
}
