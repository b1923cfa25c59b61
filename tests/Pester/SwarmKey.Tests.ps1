# A private network: nodes with the same swarm key connect, others do not and are told why.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder
    $key = "/key/swarm/psk/1.0.0/`n/base16/`n$('0123456789abcdef' * 4)`n"
    $file = "$folder/swarm.key"
    Set-Content -LiteralPath $file -Value $key -NoNewline
    if (-not $IsWindows) { chmod 600 $file }
}

AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Start-BitswapNode -SwarmKey' {
    AfterEach {
        Clear-Nodes
    }

    It 'connects nodes that have the same key, from a file or as text' {
        $one = Start-BitswapNode -SwarmKey $file
        $other = Start-BitswapNode -SwarmKey (Get-Content $file) -Peer $one.Addresses[0]
        Stop-BitswapNode $other
        $other = Start-BitswapNode -SwarmKey $key -Peer $one.Addresses[0]
        $block = 'within' | Add-BitswapBlock -Node $one
        (Get-BitswapBlock $block.Cid -Node $other -AsString) | Should -Be 'within'
    }

    It 'shows the private network that a node is in' {
        $one = Start-BitswapNode -SwarmKey $file -Verbose 4>$null
        $one.PrivateNetwork | Should -Match '^[0-9a-f]{32}$'
        $one | Out-String | Should -Match "Private network: $($one.PrivateNetwork)"
        $open = Start-BitswapNode
        $open.PrivateNetwork | Should -BeNullOrEmpty
        $open | Out-String | Should -Not -Match 'Private network'
    }

    It 'says with -Verbose by what others tell the network' {
        $told = Start-BitswapNode -SwarmKey $file -Verbose 4>&1
        "$told" | Should -Match 'fingerprint [0-9a-f]{32}\.'
    }

    It 'refuses a peer with <Name>' -ForEach @(
        @{ Name = 'another key'; Other = @{ SwarmKey = "/key/swarm/psk/1.0.0/`n/base16/`n$('f' * 64)`n" } }
        @{ Name = 'no key'; Other = @{} }
    ) {
        $one = Start-BitswapNode -SwarmKey $file
        $other = Start-BitswapNode @Other
        (Get-Failure { Connect-BitswapPeer $other -Node $one }).Exception.Message | Should -Match 'swarm key'
        (Get-Failure { Connect-BitswapPeer $one -Node $other }).Exception.Message | Should -Match 'swarm key'
        Get-BitswapPeer -Node $one | Should -BeNullOrEmpty
    }

    It 'is an error with -Public' {
        (Get-Failure { Start-BitswapNode -SwarmKey $file -Public }).FullyQualifiedErrorId | Should -Match '^InvalidSwarmKey,'
    }

    It 'names the file that is missing, or is none' {
        (Get-Failure { Start-BitswapNode -SwarmKey "$folder/missing.key" }).Exception.Message | Should -Match 'missing.key'
        Set-Content -LiteralPath "$folder/no.key" -Value 'nonsense'
        (Get-Failure { Start-BitswapNode -SwarmKey "$folder/no.key" }).Exception.Message | Should -Match 'first line'
        Set-Content -LiteralPath "$folder/no.key" -Value ('x' * 2000)
        (Get-Failure { Start-BitswapNode -SwarmKey "$folder/no.key" }).Exception.Message | Should -Match '1024'
        (Get-Failure { Start-BitswapNode -SwarmKey $folder }).Exception.Message | Should -Match 'It is a folder'
        (Get-Failure { Start-BitswapNode -SwarmKey '' }).FullyQualifiedErrorId | Should -Match '^InvalidSwarmKey,'
        Get-BitswapNode | Should -BeNullOrEmpty
    }

    It 'warns of a file that others can read' -Skip:$IsWindows {
        Copy-Item -LiteralPath $file "$folder/open.key"
        chmod 644 "$folder/open.key"
        $null = Start-BitswapNode -SwarmKey "$folder/open.key" -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -BeLike "Other users can read the swarm key*chmod go-r*"
    }

    It 'is kept by -Save as the path of the file, and a text is not' {
        $null = Start-BitswapNode -Path "$folder/repository" -SwarmKey $file -Save
        Clear-Nodes
        $again = Start-BitswapNode -Path "$folder/repository" -Verbose 4>&1
        "$again" | Should -Match 'fingerprint'
        Clear-Nodes
        # an empty list leaves it out once, and for good with -Save
        (Start-BitswapNode -Path "$folder/repository" -SwarmKey @()).PrivateNetwork | Should -BeNullOrEmpty
        Clear-Nodes
        (Start-BitswapNode -Path "$folder/repository").PrivateNetwork | Should -Not -BeNullOrEmpty
        Clear-Nodes
        $null = Start-BitswapNode -Path "$folder/repository" -SwarmKey @() -Save
        Clear-Nodes
        (Start-BitswapNode -Path "$folder/repository").PrivateNetwork | Should -BeNullOrEmpty
        Clear-Nodes
        $null = Start-BitswapNode -Path "$folder/repository" -SwarmKey $file -Save
        Clear-Nodes
        Move-Item $file "$folder/away.key"
        $gone = Get-Failure { Start-BitswapNode -Path "$folder/repository" }
        Move-Item "$folder/away.key" $file
        $gone.FullyQualifiedErrorId | Should -Match '^InvalidSettings,'
        $gone.Exception.Message | Should -Match 'settings.json.*SwarmKey.*swarm.key'
        $null = Start-BitswapNode -Path "$folder/repository" -SwarmKey $key -Save -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -BeLike '*not kept by -Save*'
        Get-Content -Raw "$folder/repository/settings.json" | Should -Not -Match '0123456789abcdef'
    }
}
